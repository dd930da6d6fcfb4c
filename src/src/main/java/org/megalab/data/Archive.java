package org.megalab.data;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.zip.CRC32;

/**
 * Members of zip and jar archives as documents.
 *
 * <p>The members are unpacked once into a temporary file and compared with their lengths and
 * checksums, before the first is handed out. Folders and empty members make no documents.
 *
 * <p>Refused are archives with names that lead out of them ({@code ..}, absolute ones, backslashes,
 * drive letters), two members of one name, encrypted members, members that overlap, members that
 * are longer than they say, more bytes than the decoding allows, and what is cut off or damaged.
 */
public final class Archive {
  private Archive() {}

  /**
   * The members that are wanted, by name; {@code file.jar!/member} is a document's name.
   *
   * @param wanted the members' names that are taken
   * @throws IllegalArgumentException if the archive is refused; the message says where and why
   * @throws java.io.UncheckedIOException if it cannot be read, or not unpacked
   */
  public static List<Document> documents(Path file, Predicate<String> wanted, Decoding decoding) {
    FileDocument.open(file); // says what is wrong with the path
    try (Spool spool = new Spool(file.toString(), decoding)) {
      List<String> names = new ArrayList<>();
      for (ZipMember member : members(file, wanted, decoding)) {
        spool.begin(file + "!/" + member.name());
        unpack(file, member, spool);
        if (spool.end()) {
          names.add(file.getFileName() + "!/" + member.name());
        }
      }
      return spool.documents(names::get);
    } catch (IOException e) {
      throw Spool.failure(file, e);
    }
  }

  private static List<ZipMember> members(Path file, Predicate<String> wanted, Decoding decoding)
      throws IOException {
    List<ZipMember> members =
        ZipDirectory.read(file).stream()
            .filter(member -> !member.isFolder() && wanted.test(member.name()))
            .toList();
    long bytes = 0;
    for (ZipMember member : members) {
      bytes += member.size();
      if (bytes < 0 || bytes > decoding.maximum()) {
        throw new IllegalArgumentException(
            "%s: unpacked, its members are more than %d bytes; if the archive is to be trusted and the disk is large enough, raise the maximum of the Decoding"
                .formatted(file, decoding.maximum()));
      }
    }
    return members;
  }

  private static void unpack(Path file, ZipMember member, OutputStream out) throws IOException {
    String where = file + "!/" + member.name();
    CRC32 crc = new CRC32();
    try (ByteInput in = new ByteInput(file, member.data(), member.compressed());
        Bounded bounded = new Bounded(out, member, where)) {
      if (member.method() == 8) {
        Inflation.inflate(in, bounded, crc, where);
        if (in.fill()) {
          throw Malformed.at(
              where,
              in.offset(),
              "compressed data behind the member's end",
              "none",
              "the archive is damaged: fetch it again");
        }
      } else {
        while (in.fill()) {
          crc.update(in.buffer(), in.position(), in.available());
          bounded.write(in.buffer(), in.position(), in.available());
          in.consume(in.available());
        }
      }
      if (bounded.bytes != member.size()) {
        throw size(where, member, bounded.bytes + " bytes");
      }
    }
    if (crc.getValue() != member.crc()) {
      throw Malformed.at(
          where,
          member.data(),
          "data with the checksum %08x".formatted(crc.getValue()),
          "%08x, as the directory has it".formatted(member.crc()),
          "the archive is damaged: fetch it again");
    }
  }

  private static IllegalArgumentException size(String where, ZipMember member, String found) {
    return Malformed.at(
        where,
        member.data(),
        found,
        member.size() + " bytes, as the directory has it",
        "do not use this archive: it is damaged, or made to fill the disk");
  }

  /** Stops a member that becomes longer than it says. */
  private static final class Bounded extends OutputStream {
    private final OutputStream out;
    private final ZipMember member;
    private final String where;
    private long bytes;

    Bounded(OutputStream out, ZipMember member, String where) {
      this.out = out;
      this.member = member;
      this.where = where;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] b, int from, int count) throws IOException {
      bytes += count;
      if (bytes > member.size()) {
        throw size(where, member, "more than " + member.size() + " bytes");
      }
      out.write(b, from, count);
    }
  }
}
