package rs.jetstream.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code jetstream} command. */
@Command(
    name = "jetstream",
    description = "Secure QUIC streams between JVMs.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {DemoCommand.class, DoctorCommand.class, ImportCommand.class})
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  private Main() {}

  /** Runs the command and ends the JVM with its exit code. */
  public static void main(String[] args) {
    CommandLine command = commandLine();
    int code = command.execute(args);
    // A full disk, or a reader that went away: half of a report must not pass for one.
    if ((command.getOut().checkError() || System.out.checkError()) && code == 0) {
      System.err.println("jetstream: the output could not be written");
      code = CommandLine.ExitCode.SOFTWARE;
    }
    System.exit(code);
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler(new FailureHandler())
        .setUsageHelpAutoWidth(true);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command?");
  }

  /** The version that the compiler recorded in this module. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"jetstream " + version()};
    }
  }

  static String version() {
    return Main.class.getModule().getDescriptor().rawVersion().orElse("(unknown)");
  }
}
