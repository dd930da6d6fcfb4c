package org.megalab.torchscript;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Packs script files into the archive that libtorch loads.
 *
 * <p>The archive is a zip with nothing compressed: {@code data.pkl} holds the pickled module
 * object, {@code code/__torch__.py} its class, {@code code/__torch__/NAME.py} one file of functions
 * each, and {@code version} the operator schema version that the calls are bound to.
 */
final class ScriptArchive {

  /**
   * The current operator schemas. Older numbers bind old ones: {@code gelu} has no approximate in
   * 3.
   */
  static final String SCHEMA_VERSION = "10";

  private static final String ROOT = "script/";

  private final ScriptSource main;
  private final Map<String, ScriptSource> sources = new LinkedHashMap<>();

  /**
   * Collects a file and everything that it imports.
   *
   * @param main the file whose functions Java calls
   * @param imports finds an imported file by its name
   */
  ScriptArchive(ScriptSource main, Function<String, ScriptSource> imports) {
    this.main = main;
    Deque<ScriptSource> open = new ArrayDeque<>();
    open.add(main);
    while (!open.isEmpty()) {
      ScriptSource source = open.remove();
      if (sources.putIfAbsent(source.name(), source) == null) {
        source.imports().stream()
            .filter(name -> !sources.containsKey(name))
            .map(imports)
            .forEach(open::add);
      }
    }
  }

  String name() {
    return main.name();
  }

  String line(String file, int number) {
    ScriptSource source = sources.get(file);
    return source == null ? "" : source.line(number);
  }

  byte[] bytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      store(zip, "data.pkl", pickledModule());
      store(zip, "code/__torch__.py", utf8(moduleClass()));
      for (ScriptSource source : sources.values()) {
        store(zip, "code/__torch__/" + source.name() + ".py", utf8(source.qualified()));
      }
      store(zip, "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'}); // an empty tuple
      store(zip, "version", utf8(SCHEMA_VERSION + "\n"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** A class with one method for each public function of the main file. */
  private String moduleClass() {
    StringBuilder text =
        new StringBuilder(
            """
            class Script(Module):
              __parameters__ = []
              __buffers__ = []
              training : bool
            """);
    for (ScriptSource.Function function : main.functions().values()) {
      if (!function.name().startsWith("_")) {
        text.append("  def ")
            .append(function.name())
            .append("(self: __torch__.Script, ")
            .append(String.join(", ", function.parameters()))
            .append(") -> ")
            .append(function.result())
            .append(":\n    return __torch__.")
            .append(main.name())
            .append('.')
            .append(function.name())
            .append('(')
            .append(function.arguments())
            .append(")\n");
      }
    }
    return text.toString();
  }

  /**
   * Pickle protocol 2 of an object of class {@code __torch__.Script} with {@code training = True}.
   */
  private static byte[] pickledModule() {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.writeBytes(new byte[] {(byte) 0x80, 2}); // PROTO 2
    pickle.writeBytes(utf8("c__torch__\nScript\n")); // GLOBAL
    pickle.writeBytes(new byte[] {')', (byte) 0x81}); // EMPTY_TUPLE NEWOBJ
    pickle.writeBytes(utf8("}(")); // EMPTY_DICT MARK
    pickle.writeBytes(new byte[] {'X', 8, 0, 0, 0}); // BINUNICODE of 8 bytes
    pickle.writeBytes(utf8("training"));
    pickle.writeBytes(new byte[] {(byte) 0x88, 'u', 'b', '.'}); // NEWTRUE SETITEMS BUILD STOP
    return pickle.toByteArray();
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry(ROOT + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    entry.setTime(0);
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
