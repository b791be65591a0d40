package rs.jetstream.cli;

import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Says in a sentence what failed; the stack trace is for those who ask for it. */
final class FailureHandler implements IExecutionExceptionHandler {
  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    err.println(command.getCommandSpec().qualifiedName() + ": " + sentence(e));
    for (Throwable also : e.getSuppressed()) {
      err.println("  also: " + sentence(also));
    }
    if (command.getParseResult().hasMatchedOption("--verbose")) {
      e.printStackTrace(err);
    } else if (!(e instanceof IOException || e instanceof DemoFailure)) {
      err.println("This is a bug: --verbose shows where it happened.");
    }
    err.flush();
    return command.getCommandSpec().exitCodeOnExecutionException();
  }

  private static String sentence(Throwable e) {
    String message = e.getMessage();
    if (e instanceof DemoFailure && message != null) {
      return message;
    }
    // Those of java.nio.file say nothing but the file.
    boolean terse = !e.getClass().getPackageName().startsWith("rs.jetstream");
    return terse || message == null ? e.toString() : message;
  }
}
