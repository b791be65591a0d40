package rs.jetstream.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import rs.jetstream.quic.ConfigurationException;
import rs.jetstream.quic.TlsIdentity;
import rs.jetstream.quic.TlsTrust;

/** {@code jetstream doctor}: tells what a report needs, or examines a server. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description =
        "Tells versions, platform, limits and what is not well here, without a secret; with"
            + " --connect examines a server instead.",
    footer =
        "%nExit code 0: all well. 1: could not be examined. 2: wrong arguments. 3: warnings. 4:"
            + " weaknesses.")
final class DoctorCommand implements Callable<Integer> {
  private static final Pattern HOST_AND_PORT =
      Pattern.compile("(?:\\[([0-9A-Fa-f:.%\\w]+)]|([^:\\[\\]]+)):(\\d{1,5})");

  @Spec private CommandSpec spec;

  @Option(
      names = "--connect",
      paramLabel = "HOST:PORT",
      description = "The server to examine; an IPv6 address in brackets.")
  private @Nullable String connect;

  @Option(
      names = "--server-name",
      paramLabel = "NAME",
      description = "Whom its certificate must name. Default: HOST.")
  private @Nullable String serverName;

  @Option(
      names = "--trust",
      paramLabel = "FILE",
      description = "Issuers to trust, in PEM. Default: those of the operating system.")
  private @Nullable Path trust;

  @Option(
      names = "--identity",
      paramLabel = "FILE",
      description = "Certificate chain of this side, in PEM; with --key.")
  private @Nullable Path identity;

  @Option(names = "--key", paramLabel = "FILE", description = "Its private key, in PEM.")
  private @Nullable Path key;

  @Option(
      names = "--alpn",
      paramLabel = "NAME",
      defaultValue = "jetstream",
      description = "Application protocol. Default: ${DEFAULT-VALUE}.")
  private String alpn = "jetstream";

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "How long a connect may take. Default: ${DEFAULT-VALUE}.")
  private int timeout;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(names = "--verbose", description = "Show stack traces of failures.")
  @SuppressWarnings("unused") // read by FailureHandler
  private boolean verbose;

  @Override
  public Integer call() throws IOException, GeneralSecurityException, InterruptedException {
    if ((identity == null) != (key == null)) {
      throw new ParameterException(spec.commandLine(), "--identity and --key belong together");
    }
    if (timeout < 1 || timeout > 3600) {
      throw new ParameterException(
          spec.commandLine(), "--timeout is " + timeout + ", must be from 1 to 3600");
    }
    Diagnosis diagnosis = new Diagnosis();
    if (connect == null) {
      new LocalExamination(diagnosis).examine();
      examineIdentity(diagnosis);
    } else {
      try (TlsIdentity own =
          identity == null || key == null ? null : TlsIdentity.ofPemFiles(identity, key)) {
        new ServerExamination(target(connect, own), diagnosis).examine();
      }
    }
    if (json) {
      diagnosis.printJson(spec.commandLine().getOut());
    } else {
      diagnosis.print(new Report(spec.commandLine().getOut()));
    }
    return diagnosis.worst().exitCode();
  }

  /** What would be refused, before a server is started with it. */
  private void examineIdentity(Diagnosis diagnosis) {
    if (identity != null && key != null) {
      try (TlsIdentity own = TlsIdentity.ofPemFiles(identity, key)) {
        diagnosis.fact("Identity", "is", own.toString());
        diagnosis.fact(
            "Identity", "ends", own.chain().getFirst().getNotAfter().toInstant().toString());
      } catch (ConfigurationException e) {
        diagnosis.weakness("identity", String.valueOf(e.getMessage()), "It would be refused.");
      }
    }
    if (trust != null) {
      try {
        diagnosis.fact("Identity", "trusts", TlsTrust.ofPemFile(trust).toString());
      } catch (ConfigurationException e) {
        diagnosis.weakness("trust", String.valueOf(e.getMessage()), "It would be refused.");
      }
    }
  }

  private ServerExamination.Target target(String connect, @Nullable TlsIdentity own)
      throws ConfigurationException {
    Matcher parts = HOST_AND_PORT.matcher(connect);
    if (!parts.matches() || Integer.parseInt(parts.group(3)) > 65_535) {
      throw new ParameterException(
          spec.commandLine(), "--connect is '" + connect + "', must be HOST:PORT or [IPV6]:PORT");
    }
    String host = parts.group(1) != null ? parts.group(1) : parts.group(2);
    return new ServerExamination.Target(
        host,
        Integer.parseInt(parts.group(3)),
        serverName == null ? host : serverName,
        alpn,
        trust == null ? TlsTrust.system() : TlsTrust.ofPemFile(trust),
        own,
        Duration.ofSeconds(timeout));
  }
}
