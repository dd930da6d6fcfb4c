package org.megalab.data.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;

/**
 * A member of a zip archive.
 *
 * @param name its path in the archive
 * @param method 0 stored, 8 deflated
 * @param crc the checksum of its bytes
 * @param compressed how many bytes it takes in the file
 * @param size how many bytes it has
 * @param data where it begins in the file, behind its header
 */
record ZipMember(String name, int method, long crc, long compressed, long size, long data) {

  boolean isFolder() {
    return name.endsWith("/");
  }

  /** A name: UTF-8, as its flag says or as it shows, or else a letter a byte. */
  static String name(ByteBuffer bytes, int flags, Path file, long at) {
    try {
      return UTF_8.newDecoder().decode(bytes.duplicate()).toString();
    } catch (CharacterCodingException e) {
      if ((flags & 0x800) != 0) {
        throw new MalformedFileException(
            file,
            at,
            "a member's name that is not UTF-8",
            "one in UTF-8, as its flag says",
            "the archive is damaged: fetch it again");
      }
      return ISO_8859_1.decode(bytes).toString();
    }
  }

  /** Members are never written to files of their names; such names are a sign of ill intent. */
  static void checkName(String name, String where, long at) {
    boolean bad = name.isEmpty() || name.startsWith("/") || name.indexOf('\\') >= 0;
    bad |= name.indexOf('\0') >= 0 || (name.length() > 1 && name.charAt(1) == ':');
    for (String part : name.split("/", -1)) {
      bad |= part.equals("..");
    }
    if (bad) {
      throw new MalformedFileException(
          where,
          at,
          "a name that leads out of the archive",
          "a relative one, without .., \\ and drive letters",
          "do not use this archive, or pack it again");
    }
  }

  /** Size, compressed size and offset, from the Zip64 extra field where they are all ones. */
  static void widen(long[] values, ByteBuffer entry, int from, int extraLength) {
    int end = from + extraLength;
    for (int at = from; at + 4 <= end; at += 4 + (entry.getShort(at + 2) & 0xFFFF)) {
      if (entry.getShort(at) == 1) {
        int field = at + 4;
        int last = Math.min(end, field + (entry.getShort(at + 2) & 0xFFFF));
        for (int i = 0; i < values.length; i++) {
          if (values[i] == 0xFFFF_FFFFL && field + 8 <= last) {
            values[i] = entry.getLong(field);
            field += 8;
          }
        }
        return;
      }
    }
  }
}
