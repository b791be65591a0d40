package rs.jetstream.quic;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A process of its own that loads keys from files and does what it is told, line by line. */
public final class KeyHolder {
  private KeyHolder() {}

  public static void main(String[] args) throws Exception {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    Path certs = Path.of(args[0]);
    TlsIdentity identity = null;
    TicketKey tickets = null;
    QuicServer server = null;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      switch (line) {
        case "load" -> {
          identity =
              TlsIdentity.ofPemFiles(certs.resolve("server.crt"), certs.resolve("server.key"));
          tickets = TicketKey.ofFile(certs.resolve("tickets.key"));
        }
        case "open" ->
            server =
                QuicServer.builder()
                    .identity(identity)
                    .clientAuthentication(ClientAuthentication.NONE)
                    .ticketKeys(tickets)
                    .open();
        case "wipe" -> {
          identity.close();
          tickets.close();
        }
        case "close" -> server.close();
        case "say" -> {
          System.out.println(identity + " " + server + " " + identity.source() + " " + tickets);
        }
        default -> throw new IllegalArgumentException(line);
      }
      System.out.println("done");
    }
  }
}
