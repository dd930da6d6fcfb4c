package org.megalab.notebook;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.spencerpark.jupyter.messages.HMACGenerator;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A message of Jupyter's protocol as a client sees it.
 *
 * @param type the header's {@code msg_type}
 * @param id the header's {@code msg_id}
 * @param parentId the id of the request that this answers; empty if none
 * @param content the message's own fields
 */
public record KernelMessage(String type, String id, String parentId, JsonObject content) {
  private static final byte[] DELIMITER = "<IDS|MSG>".getBytes(StandardCharsets.US_ASCII);

  /** A text field of the content; empty if absent. */
  public String text(String field) {
    JsonElement value = content.get(field);
    return value == null || value.isJsonNull() ? "" : value.getAsString();
  }

  /** The frames behind the delimiter, signed, without routing identities. */
  static List<byte[]> encode(JsonObject header, JsonObject content, HMACGenerator signer) {
    byte[] headerBytes = bytes(header.toString());
    byte[] empty = bytes("{}");
    byte[] contentBytes = bytes(content.toString());
    String signature = signer.calculateSignature(headerBytes, empty, empty, contentBytes);
    return List.of(DELIMITER, bytes(signature), headerBytes, empty, empty, contentBytes);
  }

  /**
   * Reads the frames of a message, identities first.
   *
   * @throws IllegalArgumentException if frames are missing or the signature is wrong
   */
  static KernelMessage decode(List<byte[]> frames, HMACGenerator signer) {
    int delimiter = 0;
    while (delimiter < frames.size() && !Arrays.equals(frames.get(delimiter), DELIMITER)) {
      delimiter++;
    }
    if (frames.size() < delimiter + 6) {
      throw new IllegalArgumentException(
          "A kernel's message has too few frames: " + (frames.size() - delimiter - 1) + " of 5");
    }
    List<byte[]> signed = new ArrayList<>(frames.subList(delimiter + 2, delimiter + 6));
    byte[] expected = bytes(signer.calculateSignature(signed.toArray(byte[][]::new)));
    if (!MessageDigest.isEqual(expected, frames.get(delimiter + 1))) {
      throw new IllegalArgumentException("A kernel's message has a wrong signature");
    }
    JsonObject header = object(signed.get(0));
    JsonObject parent = object(signed.get(1));
    return new KernelMessage(
        header.get("msg_type").getAsString(),
        header.get("msg_id").getAsString(),
        parent.has("msg_id") ? parent.get("msg_id").getAsString() : "",
        object(signed.get(3)));
  }

  private static JsonObject object(byte[] json) {
    return JsonParser.parseString(new String(json, StandardCharsets.UTF_8)).getAsJsonObject();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
