package org.megalab.data.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The central directory of a zip or jar archive (PKWARE's APPNOTE 4.3), with Zip64. */
final class ZipDirectory {
  private static final int END = 0x06054b50;
  private static final int END_64 = 0x06064b50;
  private static final int LOCATOR_64 = 0x07064b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int LOCAL = 0x04034b50;

  private final Path file;
  private final SeekableByteChannel channel;
  private final long length;

  private ZipDirectory(Path file, SeekableByteChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    this.length = channel.size();
  }

  /**
   * The members of an archive, by name.
   *
   * @throws IllegalArgumentException if it is no archive or is damaged, or a member is encrypted,
   *     there twice, overlaps another, or has a name that leads out of the archive
   */
  static List<ZipMember> read(Path file) throws IOException {
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      List<ZipMember> members = new ZipDirectory(file, channel).members();
      members.sort(Comparator.comparingLong(ZipMember::data));
      long end = 0;
      for (ZipMember member : members) {
        if (member.data() < end) {
          throw new MalformedFileException(
              file + "!/" + member.name(),
              member.data(),
              "data that overlap those of another member",
              "members one behind the other",
              "do not use this archive: it may be made to fill the disk");
        }
        end = member.data() + member.compressed();
      }
      members.sort(Comparator.comparing(ZipMember::name));
      return members;
    }
  }

  private List<ZipMember> members() throws IOException {
    long end = findEnd();
    ByteBuffer record = at(end, 22);
    long count = record.getShort(10) & 0xFFFF;
    long bytes = record.getInt(12) & 0xFFFF_FFFFL;
    long start = record.getInt(16) & 0xFFFF_FFFFL;
    if (end >= 20 && at(end - 20, 20).getInt(0) == LOCATOR_64) {
      end = at(end - 20, 20).getLong(8);
      ByteBuffer wide = at(end, 56);
      expect(wide.getInt(0), END_64, end, "the Zip64 end of the directory");
      count = wide.getLong(32);
      bytes = wide.getLong(40);
      start = wide.getLong(48);
    }
    if (start < 0 || bytes < 0 || start + bytes != end) {
      throw damaged(
          end,
          "a directory of %d bytes from byte %d on".formatted(bytes, start),
          "one that ends here");
    }
    List<ZipMember> members = new ArrayList<>();
    Set<String> names = new HashSet<>();
    long at = start;
    while (at < end) {
      ByteBuffer header = at(at, 46);
      expect(header.getInt(0), CENTRAL, at, "the directory's entry of a member");
      int nameLength = header.getShort(28) & 0xFFFF;
      int extraLength = header.getShort(30) & 0xFFFF;
      int next = 46 + nameLength + extraLength + (header.getShort(32) & 0xFFFF);
      ByteBuffer entry = at(at, next);
      ZipMember member = member(entry, nameLength, extraLength, at);
      if (!names.add(member.name())) {
        throw new MalformedFileException(
            file + "!/" + member.name(),
            at,
            "a second member of this name",
            "one",
            "pack the archive again");
      }
      members.add(member);
      at += next;
    }
    if (members.size() != count) {
      throw damaged(at, "the end of " + members.size() + " members", count + " of them");
    }
    return members;
  }

  private ZipMember member(ByteBuffer entry, int nameLength, int extraLength, long at)
      throws IOException {
    int flags = entry.getShort(8) & 0xFFFF;
    String name = ZipMember.name(entry.slice(46, nameLength), flags, file, at);
    String where = file + "!/" + name;
    ZipMember.checkName(name, where, at);
    if ((flags & 1) != 0) {
      throw new MalformedFileException(
          where, at, "an encrypted member", "one in the clear", "unpack it and pack it again");
    }
    int method = entry.getShort(10) & 0xFFFF;
    if (method != 0 && method != 8) {
      throw new MalformedFileException(
          where,
          at,
          "the compression method " + method,
          "0 (stored) or 8 (deflated)",
          "unpack the archive and pack it again with zip");
    }
    long crc = entry.getInt(16) & 0xFFFF_FFFFL;
    long[] wide = { // in the order in which Zip64 replaces those that do not fit
      entry.getInt(24) & 0xFFFF_FFFFL,
      entry.getInt(20) & 0xFFFF_FFFFL,
      entry.getInt(42) & 0xFFFF_FFFFL
    };
    ZipMember.widen(wide, entry, 46 + nameLength, extraLength);
    long data = dataOf(entry, nameLength, wide[2], where);
    if (wide[0] < 0
        || wide[1] < 0
        || wide[1] > length - data
        || (method == 0 && wide[0] != wide[1])) {
      throw new MalformedFileException(
          where,
          at,
          "%d bytes in %d compressed ones".formatted(wide[0], wide[1]),
          "a member that lies in the file of %d bytes".formatted(length),
          "the archive is damaged or cut off: fetch it again");
    }
    return new ZipMember(name, method, crc, wide[1], wide[0], data);
  }

  private long dataOf(ByteBuffer entry, int nameLength, long header, String where)
      throws IOException {
    if (header < 0 || header > length - 30) {
      throw new MalformedFileException(
          where,
          header,
          "nothing",
          "the member's header",
          "the archive is cut off: fetch it again");
    }
    ByteBuffer local = at(header, 30);
    expect(local.getInt(0), LOCAL, header, "the header of " + where);
    int localName = local.getShort(26) & 0xFFFF;
    if (localName != nameLength
        || !at(header + 30, localName).equals(entry.slice(46, nameLength))) {
      throw new MalformedFileException(
          where,
          header + 26,
          "a header of another name",
          "the directory's name",
          "the archive is damaged: fetch it again");
    }
    return header + 30 + localName + (local.getShort(28) & 0xFFFF);
  }

  /** Where the end record is, which is the last of the file but for its own comment. */
  private long findEnd() throws IOException {
    int tail = (int) Math.min(length, 22 + 0xFFFF);
    ByteBuffer last = at(length - tail, tail);
    for (int i = tail - 22; i >= 0; i--) {
      if (last.getInt(i) == END && (last.getShort(i + 20) & 0xFFFF) == tail - 22 - i) {
        return length - tail + i;
      }
    }
    boolean begun = length >= 4 && at(0, 4).getInt(0) == LOCAL;
    throw begun
        ? new MalformedFileException(
            file,
            length,
            "an archive without its directory, or with something behind it",
            "the directory's end record, 50 4b 05 06",
            "the archive is cut off or was appended to: fetch it again")
        : new MalformedFileException(
            file,
            0,
            length < 4
                ? "a file of %d bytes".formatted(length)
                : "the bytes " + Fields.hex(at(0, 4).getInt(0), 4),
            "50 4b 03 04, with which a zip or jar archive begins",
            "this is no archive: check what was fetched");
  }

  private ByteBuffer at(long offset, int count) throws IOException {
    if (offset < 0 || offset > length - count) {
      throw damaged(offset, "the end of the file", count + " bytes more");
    }
    ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    channel.position(offset);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        throw damaged(offset, "the end of the file", count + " bytes more");
      }
    }
    return bytes.flip();
  }

  private void expect(int found, int signature, long at, String what) {
    if (found != signature) {
      throw damaged(
          at, "the bytes " + Fields.hex(found, 4), Fields.hex(signature, 4) + ", " + what);
    }
  }

  private MalformedFileException damaged(long at, String found, String expected) {
    return new MalformedFileException(
        file, at, found, expected, "the archive is damaged or cut off: fetch it again");
  }
}
