package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is written of connections, and what happens when it cannot be. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class QlogTest {
  private static final String SECRET = "the application's own words";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The first record and the events of one file. */
  private record Log(Path file, JsonNode head, List<JsonNode> events) {
    static Log read(Path file) throws IOException {
      String text = Files.readString(file);
      assertThat(text).startsWith("\u001e").endsWith("\n").doesNotContain(SECRET);
      List<JsonNode> records = new ArrayList<>();
      for (String record : text.substring(1).split("\u001e", -1)) {
        assertThat(record).endsWith("\n");
        records.add(JSON.readTree(record));
      }
      return new Log(file, records.getFirst(), records.subList(1, records.size()));
    }

    String role() {
      return head.at("/trace/vantage_point/type").textValue();
    }

    String group() {
      return head.at("/trace/common_fields/group_id").textValue();
    }

    List<JsonNode> all(String name) {
      return events.stream().filter(it -> it.get("name").textValue().equals(name)).toList();
    }
  }

  /** Both ends write; a stream goes each way, and one is reset. */
  private static void talk(QuicServer server, QuicClient client) throws Exception {
    try (QuicConnection connection = Loopback.connect(client, server);
        QuicConnection accepted = server.accept(Loopback.SOON);
        BidirectionalStream stream = connection.openBidirectional()) {
      byte[] much = SECRET.repeat(8000).getBytes(StandardCharsets.UTF_8);
      stream.sendAndFinish(much);
      try (BidirectionalStream peer = accepted.acceptBidirectional(Loopback.SOON)) {
        assertThat(peer.receiveAll(much.length)).isEqualTo(much);
        peer.reset(7);
      }
      assertThat(catchThrowable(() -> stream.receive(new byte[1])))
          .isInstanceOf(StreamException.class);
      connection.close(9);
      assertThat(accepted.onClose().get(20, TimeUnit.SECONDS)).isNotNull();
    }
  }

  private static List<Log> logs(Path directory) throws IOException {
    List<Log> logs = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.sorted(Comparator.comparing(Path::toString)).toList()) {
        logs.add(Log.read(file));
      }
    }
    return logs;
  }

  @Test
  void everyEventAndFieldHasTheNameAndTypeOfTheDrafts(@TempDir Path directory) throws Exception {
    QlogNames names = new QlogNames();
    try (QuicServer server = Loopback.server(builder -> builder.qlog(directory));
        QuicClient client = Loopback.client(builder -> builder.qlog(directory))) {
      talk(server, client);
      talk(server, client);
    }
    List<Log> logs = logs(directory);
    assertThat(logs).hasSize(4);
    assertThat(logs)
        .extracting(Log::role)
        .containsExactlyInAnyOrder("client", "client", "server", "server");
    // Both ends of a connection are found by one id.
    assertThat(logs.stream().collect(Collectors.groupingBy(Log::group, Collectors.counting())))
        .hasSize(2)
        .allSatisfy((id, count) -> assertThat(count).as("files of %s", id).isEqualTo(2));
    for (Log log : logs) {
      assertThat(names.faults("QlogFileSeq", log.head())).as("%s", log.head()).isEmpty();
      double before = 0;
      for (JsonNode event : log.events()) {
        String name = event.get("name").textValue();
        assertThat(names.isEvent(name)).as("%s", event).isTrue();
        assertThat(names.faults(name, event.get("data"))).as("%s", event).isEmpty();
        assertThat(event.fieldNames()).toIterable().containsExactly("time", "name", "data");
        assertThat(event.get("time").doubleValue()).as("%s", event).isGreaterThanOrEqualTo(before);
        before = event.get("time").doubleValue();
      }
    }
  }

  @Test
  void fileTellsTheLifeOfItsConnection(@TempDir Path directory) throws Exception {
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(builder -> builder.qlog(directory))) {
      talk(server, client);
      assertThat(client.statistics().qlogDropped()).isZero();
    }
    Log log = logs(directory).getFirst();
    Set<String> told = new TreeSet<>();
    log.events().forEach(event -> told.add(event.get("name").textValue()));
    assertThat(told)
        .contains(
            "quic:connection_started",
            "quic:connection_state_updated",
            "quic:connection_closed",
            "quic:version_information",
            "quic:alpn_information",
            "quic:parameters_set",
            "quic:packet_sent",
            "quic:packet_received",
            "quic:recovery_metrics_updated",
            "quic:key_updated",
            "quic:key_discarded",
            "quic:mtu_updated");
    assertThat(log.all("quic:connection_state_updated"))
        .extracting(event -> event.at("/data/new").textValue())
        .containsExactly("attempted", "handshake_complete", "handshake_confirmed", "closed");
    JsonNode closed = log.all("quic:connection_closed").getFirst().get("data");
    assertThat(closed.get("initiator").textValue()).isEqualTo("local");
    assertThat(closed.get("error_code").longValue()).isEqualTo(9);
    assertThat(log.all("quic:alpn_information"))
        .extracting(event -> event.at("/data/chosen_alpn/string_value").textValue())
        .containsExactly("jetstream");
    assertThat(log.all("quic:version_information"))
        .extracting(event -> event.at("/data/chosen_version").textValue())
        .containsExactly("00000001");
    Set<String> sent = frames(log.all("quic:packet_sent"));
    assertThat(sent).contains("crypto", "stream", "ack", "connection_close");
    Set<String> received = frames(log.all("quic:packet_received"));
    assertThat(received).contains("crypto", "ack", "handshake_done", "reset_stream");
  }

  private static Set<String> frames(List<JsonNode> packets) {
    Set<String> kinds = new TreeSet<>();
    packets.forEach(packet ->
        packet.at("/data/frames").forEach(frame -> kinds.add(frame.get("frame_type").asText())));
    return kinds;
  }

  @Test
  void nothingIsWrittenWithoutBeingAskedFor(@TempDir Path directory) throws Exception {
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(builder -> builder.qlog(directory))) {
      talk(server, client);
    }
    assertThat(logs(directory)).extracting(Log::role).containsExactly("client");
  }

  @Test
  void ownerAloneReadsTheFiles(@TempDir Path directory) throws Exception {
    assumeThat(Files.getFileStore(directory).supportsFileAttributeView("posix")).isTrue();
    try (QuicServer server = Loopback.server(builder -> builder.qlog(directory));
        QuicClient client = Loopback.client(builder -> builder)) {
      talk(server, client);
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files)
          .isNotEmpty()
          .allSatisfy(file ->
              assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                  .isEqualTo("rw-------"));
    }
  }

  /** What the library logs, as long as it is open. */
  private static final class Logged extends Handler implements AutoCloseable {
    private final Logger logger = Logger.getLogger("rs.jetstream.quic");
    private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();

    Logged() {
      logger.addHandler(this);
    }

    @Override
    public void publish(LogRecord record) {
      if (record.getMessage().startsWith("qlog")) {
        messages.add(record.getMessage());
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
      logger.removeHandler(this);
    }
  }

  @Test
  void vanishedDirectoryIsLoggedOnceAndTouchesNoConnection(@TempDir Path folder) throws Exception {
    Path gone = folder.resolve("gone");
    try (Logged logged = new Logged();
        QuicServer server = Loopback.server(builder -> builder.qlog(gone));
        QuicClient client = Loopback.client(builder -> builder)) {
      for (int i = 0; i < 3; i++) {
        talk(server, client);
      }
      assertThat(logged.messages.poll(20, TimeUnit.SECONDS)).contains(gone.toString());
      Files.createDirectory(gone);
      talk(server, client);
      server.close(0, Loopback.SOON);
      assertThat(logged.messages).isEmpty();
    }
    // The directory is there again, and so is the log; those before it may have waited for their
    // turn until then.
    assertThat(logs(gone)).isNotEmpty().extracting(Log::role).containsOnly("server");
  }

  @Test
  void fullDiskIsLoggedOnceAndTouchesNoConnection(@TempDir Path folder) throws Exception {
    Process mount =
        new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", folder.toString())
            .redirectErrorStream(true)
            .start();
    assumeThat(mount.waitFor()).as("may mount").isZero();
    try (Logged logged = new Logged();
        QuicServer server = Loopback.server(builder -> builder.qlog(folder));
        QuicClient client = Loopback.client(builder -> builder)) {
      for (int i = 0; i < 3; i++) {
        talk(server, client);
      }
      assertThat(logged.messages.poll(20, TimeUnit.SECONDS)).contains("errno 28");
      server.close(0, Loopback.SOON);
      assertThat(logged.messages).isEmpty();
    } finally {
      assertThat(new ProcessBuilder("umount", folder.toString()).start().waitFor()).isZero();
    }
  }
}
