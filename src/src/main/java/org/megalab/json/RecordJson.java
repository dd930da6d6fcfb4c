package org.megalab.json;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Records as JSON text, read back through their builders.
 *
 * <p>The keys are the record's components. Reading calls the builder's {@code setX} or {@code optX}
 * method for each key and then {@code build()}, so that defaults and checks exist once, in the
 * builder and the record. A record without a static {@code builder()}, such as one that is declared
 * in a notebook cell, is read through its constructor: without a preset every component must be
 * there. Unknown keys, keys given twice and values of the wrong type are errors that name the key,
 * the value and what is allowed.
 */
public final class RecordJson {

  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  private RecordJson() {}

  /** Returns the record as indented JSON, one key a component. */
  public static String write(Record record) {
    return format(tree(record));
  }

  /** Returns a JSON tree as indented text. */
  public static String format(JsonElement tree) {
    return GSON.toJson(tree);
  }

  /** Returns the record as a JSON tree. */
  public static JsonObject tree(Record record) {
    JsonObject object = new JsonObject();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      object.add(component.getName(), toJson(component(record, component)));
    }
    return object;
  }

  /**
   * Parses strict JSON text: one object, no comments, no duplicate keys.
   *
   * @throws ConfigException with line and column of the first mistake
   */
  public static JsonObject parse(String text) {
    JsonReader reader = new JsonReader(new StringReader(text));
    reader.setStrictness(Strictness.STRICT);
    try {
      JsonElement element = readElement(reader);
      ConfigException.check(
          reader.peek() == JsonToken.END_DOCUMENT,
          "there is text after the end of the JSON object");
      ConfigException.check(
          element.isJsonObject(), "expected a JSON object {...}, got %s", element);
      return element.getAsJsonObject();
    } catch (IOException | JsonParseException | IllegalStateException e) {
      String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new ConfigException("malformed JSON: " + message);
    }
  }

  /**
   * Reads a record through its static {@code builder()}, or its constructor where it has none.
   *
   * @throws ConfigException if a key or value is wrong or missing, or the whole is rejected
   */
  public static <T extends Record> T read(JsonObject object, Class<T> type) {
    return hasBuilder(type)
        ? build(object, type, invokeStatic(type, "builder"), null)
        : construct(object, type, null);
  }

  /**
   * Reads a record that starts from another, through its {@code toBuilder()} or its constructor;
   * records within it start from those of the other.
   *
   * @throws ConfigException if a key or value is wrong, or the whole is rejected
   */
  public static <T extends Record> T readOver(T base, JsonObject object, Class<T> type) {
    return hasBuilder(type)
        ? build(object, type, invoke(base, method(base, "toBuilder")), base)
        : construct(object, type, base);
  }

  private static boolean hasBuilder(Class<?> type) {
    return Arrays.stream(type.getMethods())
        .anyMatch(m -> m.getName().equals("builder") && m.getParameterCount() == 0);
  }

  private static <T extends Record> T build(
      JsonObject object, Class<T> type, Object builder, @Nullable T base) {
    Map<String, Method> setters = setters(builder.getClass());
    requireKnown(object, setters.keySet());
    for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
      Method setter = Objects.requireNonNull(setters.get(entry.getKey()));
      Type kind = setter.getGenericParameterTypes()[0];
      invoke(builder, setter, value(entry.getValue(), kind, entry.getKey(), base));
    }
    return type.cast(invoke(builder, method(builder, "build")));
  }

  private static <T extends Record> T construct(
      JsonObject object, Class<T> type, @Nullable T base) {
    RecordComponent[] components = type.getRecordComponents();
    Set<String> names =
        Arrays.stream(components)
            .map(RecordComponent::getName)
            .collect(Collectors.toCollection(TreeSet::new));
    requireKnown(object, names);
    Object[] values = new Object[components.length];
    for (int i = 0; i < values.length; i++) {
      String key = components[i].getName();
      JsonElement given = object.get(key);
      ConfigException.check(
          given != null || base != null,
          "the key \"%s\" is missing; needed are %s",
          key,
          String.join(", ", names));
      values[i] =
          given == null
              ? component(Objects.requireNonNull(base), components[i])
              : value(given, components[i].getGenericType(), key, base);
    }
    try {
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      Constructor<T> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      throw unwrapped(e, type);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("constructing " + type, e);
    }
  }

  private static void requireKnown(JsonObject object, Set<String> allowed) {
    for (String key : object.keySet()) {
      ConfigException.check(
          allowed.contains(key),
          "unknown key \"%s\"%s; allowed are %s",
          key,
          suggestion(key, allowed),
          String.join(", ", allowed));
    }
  }

  private static Object value(JsonElement json, Type type, String key, @Nullable Record base) {
    if (type instanceof Class<?> plain && plain.isRecord()) {
      return nested(json, plain.asSubclass(Record.class), key, base);
    }
    return type instanceof Class<?> plain && TaggedRecord.class.isAssignableFrom(plain)
        ? tagged(json, plain, key)
        : fromJson(json, type, key);
  }

  private static Object component(Record record, RecordComponent component) {
    try {
      Method accessor = component.getAccessor();
      accessor.setAccessible(true);
      return accessor.invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("reading " + component, e);
    }
  }

  private static <R extends Record> R nested(
      JsonElement json, Class<R> type, String key, @Nullable Record base) {
    ConfigException.check(json.isJsonObject(), "%s must be an object {...}, got %s", key, json);
    try {
      return base == null
          ? read(json.getAsJsonObject(), type)
          : readOver(type.cast(invoke(base, method(base, key))), json.getAsJsonObject(), type);
    } catch (ConfigException e) {
      throw new ConfigException("in \"" + key + "\": " + e.getMessage());
    }
  }

  private static Object tagged(JsonElement json, Class<?> type, String key) {
    ConfigException.check(json.isJsonObject(), "%s must be an object {...}, got %s", key, json);
    try {
      Method fromTree = type.getMethod("fromTree", JsonObject.class);
      return invoke(null, fromTree, json.getAsJsonObject().deepCopy());
    } catch (ConfigException e) {
      throw new ConfigException("in \"" + key + "\": " + e.getMessage());
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(type + " has no static fromTree(JsonObject)", e);
    }
  }

  /** The keys that a builder takes, each with its method. */
  private static Map<String, Method> setters(Class<?> builder) {
    Map<String, Method> setters = new TreeMap<>();
    for (Method method : builder.getMethods()) {
      String name = method.getName();
      if (method.getParameterCount() == 1
          && !method.isVarArgs()
          && (name.startsWith("set") || name.startsWith("opt"))
          && method.getReturnType() == builder) {
        setters.put(name.substring(3, 4).toLowerCase(Locale.ROOT) + name.substring(4), method);
      }
    }
    return setters;
  }

  private static JsonElement toJson(Object value) {
    if (value instanceof TaggedRecord tagged) {
      return tagged.toTree();
    } else if (value instanceof Record record) {
      return tree(record);
    } else if (value instanceof Enum<?> constant) {
      return new JsonPrimitive(constant.name().toLowerCase(Locale.ROOT));
    } else if (value instanceof List<?> list) {
      JsonArray array = new JsonArray();
      list.forEach(element -> array.add(toJson(element)));
      return array;
    }
    return GSON.toJsonTree(value);
  }

  private static Object fromJson(JsonElement json, Type type, String key) {
    if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
      ConfigException.check(json.isJsonArray(), "%s must be a list, got %s", key, json);
      List<Object> list = new ArrayList<>();
      json.getAsJsonArray()
          .forEach(
              element -> list.add(fromJson(element, generic.getActualTypeArguments()[0], key)));
      return List.copyOf(list);
    }
    Class<?> target = (Class<?>) type;
    if (target.isRecord()) {
      return nested(json, target.asSubclass(Record.class), key, null);
    }
    ConfigException.check(json.isJsonPrimitive(), "%s must be a single value, got %s", key, json);
    return scalar(json.getAsJsonPrimitive(), target, key);
  }

  private static Object scalar(JsonPrimitive json, Class<?> target, String key) {
    if (target.isEnum()) {
      for (Object constant : target.getEnumConstants()) {
        if (constant.toString().equalsIgnoreCase(json.getAsString())) {
          return constant;
        }
      }
      throw new ConfigException(
          key
              + " got \""
              + json.getAsString()
              + "\"; allowed are "
              + Arrays.stream(target.getEnumConstants())
                  .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
                  .collect(Collectors.joining(", ")));
    }
    try {
      if (target == String.class && json.isString()) {
        return json.getAsString();
      } else if (target == boolean.class && json.isBoolean()) {
        return json.getAsBoolean();
      } else if (json.isNumber() && target == double.class) {
        return json.getAsDouble();
      } else if (json.isNumber() && (target == int.class || target == Integer.class)) {
        return json.getAsBigDecimal().intValueExact();
      } else if (json.isNumber() && target == long.class) {
        return json.getAsBigDecimal().longValueExact();
      }
    } catch (ArithmeticException e) {
      throw new ConfigException(key + " must be a whole number in range, got " + json);
    }
    throw new ConfigException(key + " must be of type " + target.getSimpleName() + ", got " + json);
  }

  private static JsonElement readElement(JsonReader reader) throws IOException {
    if (reader.peek() == JsonToken.BEGIN_OBJECT) {
      JsonObject object = new JsonObject();
      reader.beginObject();
      while (reader.hasNext()) {
        String key = reader.nextName();
        ConfigException.check(!object.has(key), "the key \"%s\" is given twice", key);
        object.add(key, readElement(reader));
      }
      reader.endObject();
      return object;
    } else if (reader.peek() == JsonToken.BEGIN_ARRAY) {
      JsonArray array = new JsonArray();
      reader.beginArray();
      while (reader.hasNext()) {
        array.add(readElement(reader));
      }
      reader.endArray();
      return array;
    }
    TypeAdapter<JsonElement> adapter = GSON.getAdapter(JsonElement.class);
    return adapter.read(reader);
  }

  private static String suggestion(String key, Set<String> allowed) {
    return Nearest.of(key, allowed).map(name -> " (did you mean \"" + name + "\"?)").orElse("");
  }

  private static Method method(Object target, String name) {
    try {
      return target.getClass().getMethod(name);
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object invokeStatic(Class<?> type, String name) {
    try {
      return type.getMethod(name).invoke(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " has no static " + name + "()", e);
    }
  }

  private static Object invoke(@Nullable Object target, Method method, Object... arguments) {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw unwrapped(e, method);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("calling " + method, e);
    }
  }

  private static RuntimeException unwrapped(InvocationTargetException thrown, Object by) {
    return thrown.getCause() instanceof RuntimeException cause
        ? cause
        : new IllegalStateException("calling " + by, thrown);
  }
}
