package org.megalab.data.media;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.megalab.data.Document;

/**
 * The members of a zip archive with the places of their bytes, so that a stored member is read
 * where it lies; {@code java.util.zip} does not tell the places. ZIP64 is understood.
 */
final class ZipMembers {
  private static final long END = 0x06054b50L;
  private static final long END64 = 0x06064b50L;
  private static final long LOCATOR64 = 0x07064b50L;
  private static final long CENTRAL = 0x02014b50L;
  private static final long LOCAL = 0x04034b50L;
  private static final long SEE_ZIP64 = 0xFFFFFFFFL;
  private static final int END_LENGTH = 22;
  private static final int CENTRAL_LENGTH = 46;
  private static final int LOCAL_LENGTH = 30;

  private final Path path;
  private final Fields fields;
  private final Map<String, Member> members = new LinkedHashMap<>();

  /** A member whose sizes and place are checked against the archive's. */
  record Member(String name, int method, long crc, long compressed, long length, long start) {}

  ZipMembers(Path path) {
    this.path = path;
    this.fields = Fields.of(path);
    long end = end();
    long count = fields.int16(end + 10, "the number of members");
    long directory = fields.int32(end + 16, "the place of the directory");
    if (directory == SEE_ZIP64 || count == 0xFFFF) {
      check(end - 20, LOCATOR64, "the locator of a ZIP64 archive");
      long end64 = fields.int64(end - 12, "the place of the end of a ZIP64 archive");
      check(end64, END64, "the end of a ZIP64 archive");
      count = fields.int64(end64 + 32, "the number of members");
      directory = fields.int64(end64 + 48, "the place of the directory");
    }
    long at = directory;
    for (long m = 0; m < count; m++) {
      at = central(at, directory);
    }
  }

  Map<String, Member> members() {
    return members;
  }

  /** The bytes of a member: in place where it is stored, else decoded and checked. */
  Document open(Member member) {
    String name = path.getFileName() + "!" + member.name;
    if (member.method == 0) {
      return new PartDocument(name, fields.bytes(), member.start, member.length);
    }
    Spool.Packed packed =
        new Spool.Packed(
            path, member.name, member.start, member.compressed, member.length, member.crc);
    return Spool.decode(packed, in -> new InflaterInputStream(in, new Inflater(true)));
  }

  /** Searches the end record backwards; only a comment may lie behind it. */
  private long end() {
    long length = fields.length();
    int kept = (int) Math.min(length, END_LENGTH + 0xFFFF);
    ByteBuffer tail =
        ByteBuffer.wrap(fields.take(length - kept, kept, "the end of the archive"))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int at = kept - END_LENGTH; at >= 0; at--) {
      int comment = tail.getShort(at + 20) & 0xFFFF;
      if (tail.getInt(at) == END && at + END_LENGTH + comment == kept) {
        return length - kept + at;
      }
    }
    throw fields.fault(
        Math.max(0, length - END_LENGTH),
        "no end record of a zip archive",
        "\"PK\\x05\\x06\" at the end of the file",
        "it is no zip archive or npz, or was cut off: " + Fields.FETCH_AGAIN);
  }

  private long central(long at, long directory) {
    check(at, CENTRAL, "an entry of the directory");
    int flags = fields.int16(at + 8, "the flags");
    int method = fields.int16(at + 10, "the method");
    int nameLength = fields.int16(at + 28, "the length of a name");
    int extraLength = fields.int16(at + 30, "the length of the extra field");
    String name =
        new String(fields.take(at + CENTRAL_LENGTH, nameLength, "a name"), StandardCharsets.UTF_8);
    if ((flags & 1) != 0 || (method != 0 && method != 8)) {
      throw fields.fault(
          at + 8,
          "the member %s %s"
              .formatted(name, (flags & 1) != 0 ? "encrypted" : "packed by method " + method),
          "members that are stored or deflated",
          "pack the archive again, as numpy.savez or zip do");
    }
    long[] sizes = { // unpacked, packed, place of the local header
      fields.int32(at + 24, "the unpacked size"),
      fields.int32(at + 20, "the packed size"),
      fields.int32(at + 42, "the place of a member")
    };
    zip64(at + CENTRAL_LENGTH + nameLength, extraLength, sizes);
    check(sizes[2], LOCAL, "the header of the member " + name);
    long start =
        sizes[2]
            + LOCAL_LENGTH
            + fields.int16(sizes[2] + 26, "the length of a name")
            + fields.int16(sizes[2] + 28, "the length of the extra field");
    if (start > directory
        || sizes[1] > directory - start
        || (method == 0 && sizes[0] != sizes[1])) {
      throw fields.fault(
          at + 20,
          "the member %s of %d bytes, %d packed, from byte %d on"
              .formatted(name, sizes[0], sizes[1], start),
          "a member that ends before byte " + directory,
          Fields.FETCH_AGAIN);
    }
    members.put(
        name,
        new Member(name, method, fields.int32(at + 16, "a checksum"), sizes[1], sizes[0], start));
    return at
        + CENTRAL_LENGTH
        + nameLength
        + extraLength
        + fields.int16(at + 32, "the length of a comment");
  }

  /** Replaces sizes of 2³² − 1 by those of the extra field 1. */
  private void zip64(long extra, int extraLength, long[] sizes) {
    long end = extra + extraLength;
    for (long at = extra; at + 4 <= end; at += 4 + fields.int16(at + 2, "an extra field")) {
      if (fields.int16(at, "an extra field") == 1) {
        long value = at + 4;
        for (int i = 0; i < sizes.length; i++) {
          if (sizes[i] == SEE_ZIP64) {
            sizes[i] = fields.int64(value, "a size of a ZIP64 archive");
            value += 8;
          }
        }
      }
    }
  }

  private void check(long at, long magic, String what) {
    if (at < 0 || at > fields.length() - 4 || fields.int32(at, what) != magic) {
      throw fields.fault(
          at,
          at < 0 || at > fields.length() - 4
              ? "the end of the file"
              : Fields.shown(fields.take(at, 4, what)),
          what,
          Fields.FETCH_AGAIN);
    }
  }
}
