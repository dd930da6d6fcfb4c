package org.megalab.data;

import java.io.ByteArrayOutputStream;
import java.util.StringJoiner;

/**
 * The alphabet of ListOps (Nangia and Bowman 2018; Long Range Arena), one readable byte a token.
 *
 * <pre>
 * 0 … 9    [MIN    [MAX    [MED    [SM    ]
 * 0 … 9      &lt;       &gt;       ~       +     ]
 * </pre>
 *
 * <p>Parentheses are dropped, as in the Long Range Arena; they say nothing that the brackets do
 * not. The closing bracket stays: the first release of the arena lost it in its tokenizer, the
 * papers that followed kept it.
 */
public final class ListOpsTokens {
  /** The bytes that {@link #encode} writes, in the order of the table. */
  public static final String ALPHABET;

  /** What ends a list. */
  static final byte END = ']';

  static {
    StringBuilder alphabet = new StringBuilder("0123456789");
    for (ListOps.Operator operator : ListOps.Operator.values()) {
      alphabet.append((char) operator.symbol());
    }
    ALPHABET = alphabet.append((char) END).toString();
  }

  private ListOpsTokens() {}

  /**
   * Returns the bytes of an expression, such as {@code ( ( ( [MAX 2 ) 9 ) ] )} as {@code >29]}.
   * Tokens are separated by spaces.
   *
   * @throws IllegalArgumentException if there is a token of another language, or none at all
   */
  public static byte[] encode(String expression) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(expression.length() / 2 + 1);
    int at = 0;
    while (at < expression.length()) {
      int end = expression.indexOf(' ', at);
      end = end < 0 ? expression.length() : end;
      String token = expression.substring(at, end);
      if (!token.isEmpty() && !token.equals("(") && !token.equals(")")) {
        bytes.write(encode(token, at));
      }
      at = end + 1;
    }
    if (bytes.size() == 0) {
      throw new IllegalArgumentException("\"" + expression + "\" has no tokens of ListOps");
    }
    return bytes.toByteArray();
  }

  private static byte encode(String token, int at) {
    ListOps.Operator operator = ListOps.Operator.of(token);
    if (operator != null) {
      return operator.symbol();
    }
    char symbol = token.charAt(0);
    if (token.length() != 1 || (symbol != END && (symbol < '0' || symbol > '9'))) {
      throw new IllegalArgumentException(
          "the token \"%s\" at character %d is none of ListOps; there are 0 … 9, [MIN, [MAX, [MED, [SM, ] and"
                  .formatted(token, at)
              + " parentheses, with spaces between");
    }
    return (byte) symbol;
  }

  /**
   * Returns the expression of bytes, without parentheses.
   *
   * @throws IllegalArgumentException if there is a byte outside the alphabet
   */
  public static String decode(byte[] bytes) {
    StringJoiner expression = new StringJoiner(" ");
    for (byte b : bytes) {
      ListOps.Operator operator = ListOps.Operator.of(b);
      if (ALPHABET.indexOf(b) < 0) {
        throw new IllegalArgumentException(
            "the byte " + b + " is none of ListOps; there are " + ALPHABET);
      }
      expression.add(operator == null ? String.valueOf((char) b) : operator.word());
    }
    return expression.toString();
  }
}
