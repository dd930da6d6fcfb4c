package org.megalab.data.file;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
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
  private final Path file;
  private final Document whole;
  private final List<ZipMember> members;

  private Archive(Path file, Document whole, List<ZipMember> members) {
    this.file = file;
    this.whole = whole;
    this.members = members;
  }

  /**
   * Opens an archive to take single members.
   *
   * @throws MalformedFileException if it is refused; the message says where and why
   * @throws UncheckedIOException if it cannot be read
   */
  static Archive open(Path file) {
    Document whole = Document.file(file);
    try {
      return new Archive(file.toAbsolutePath(), whole, ZipDirectory.read(file.toAbsolutePath()));
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": it cannot be read: " + e, e);
    }
  }

  /** The names of the members. */
  List<String> names() {
    return members.stream().map(ZipMember::name).toList();
  }

  /**
   * A member: read where it lies if it is stored, without its checksum being computed, else
   * unpacked and compared with it.
   *
   * @throws MalformedFileException if it is empty or damaged
   * @throws java.util.NoSuchElementException if there is none of that name
   */
  Document document(String name) {
    ZipMember member =
        members.stream().filter(m -> m.name().equals(name)).findFirst().orElseThrow();
    if (member.size() == 0) {
      throw new MalformedFileException(
          file + "!/" + name, 0, "an empty member", "some bytes", Fields.FETCH_AGAIN);
    }
    return member.method() == 0
        ? whole.part(whole.name() + "!/" + name, member.data(), member.size())
        : unpack(file, List.of(member), Decoding.DEFAULT).get(0);
  }

  /**
   * The members that are wanted, by name; {@code file.jar!/member} is a document's name.
   *
   * @param wanted the members' names that are taken
   * @throws MalformedFileException if the archive is refused; the message says where and why
   * @throws IllegalArgumentException if there is no such file, or more bytes than the decoding
   *     allows
   * @throws UncheckedIOException if it cannot be read, or not unpacked
   */
  public static List<Document> documents(Path file, Predicate<String> wanted, Decoding decoding) {
    Document.file(file); // says what is wrong with the path
    try {
      List<ZipMember> members = ZipDirectory.read(file);
      members.removeIf(member -> member.isFolder() || !wanted.test(member.name()));
      return unpack(file, members, decoding);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": it cannot be read: " + e, e);
    }
  }

  private static List<Document> unpack(Path file, List<ZipMember> members, Decoding decoding) {
    try (Spool spool = new Spool(file.toString(), decoding)) {
      spool.reserve(bytes(file, members, decoding));
      List<String> names = new ArrayList<>();
      for (ZipMember member : members) {
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

  /** How many bytes the members say that they become. */
  private static long bytes(Path file, List<ZipMember> members, Decoding decoding) {
    long bytes = 0;
    for (ZipMember member : members) {
      if (member.size() / Inflation.MOST > member.compressed()) {
        throw new MalformedFileException(
            file + "!/" + member.name(),
            member.data(),
            "%d compressed bytes that shall unpack to %d"
                .formatted(member.compressed(), member.size()),
            "at most %d times as many".formatted(Inflation.MOST),
            "do not use this archive: it is damaged, or made to fill the disk");
      }
      bytes += member.size();
      if (bytes < 0 || bytes > decoding.maximum()) {
        throw new IllegalArgumentException(
            "%s: unpacked, its members are more than %d bytes; if the archive is to be trusted and the disk is large enough, raise the maximum of the Decoding"
                .formatted(file, decoding.maximum()));
      }
    }
    return bytes;
  }

  private static void unpack(Path file, ZipMember member, OutputStream out) throws IOException {
    String where = file + "!/" + member.name();
    CRC32 crc = new CRC32();
    try (ByteInput in = new ByteInput(file, member.data(), member.compressed());
        Bounded bounded = new Bounded(out, member, where)) {
      if (member.method() == 8) {
        Inflation.inflate(in, bounded, crc, where);
        if (in.fill()) {
          throw new MalformedFileException(
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
      if (bounded.bytes() != member.size()) {
        throw size(where, member, bounded.bytes() + " bytes");
      }
    }
    if (crc.getValue() != member.crc()) {
      throw new MalformedFileException(
          where,
          member.data(),
          "data with the checksum %08x".formatted(crc.getValue()),
          "%08x, as the directory has it".formatted(member.crc()),
          "the archive is damaged: fetch it again");
    }
  }

  private static MalformedFileException size(String where, ZipMember member, String found) {
    return new MalformedFileException(
        where,
        member.data(),
        found,
        member.size() + " bytes, as the directory has it",
        "do not use this archive: it is damaged, or made to fill the disk");
  }

  /** Stops a member that becomes longer than it says. */
  private static final class Bounded extends CountingOutput {
    private final ZipMember member;
    private final String where;

    Bounded(OutputStream out, ZipMember member, String where) {
      super(out);
      this.member = member;
      this.where = where;
    }

    @Override
    void check() {
      if (bytes() > member.size()) {
        throw size(where, member, "more than " + member.size() + " bytes");
      }
    }
  }
}
