package rs.jetstream.cli;

/**
 * Something that a doctor has to say.
 *
 * @param about what it is about, as {@code certificate}
 * @param what was found, without a secret
 * @param advice what to do
 */
record Finding(Level level, String about, String what, String advice) {
  /** How bad it is; the exit code of the command is that of its worst finding. */
  enum Level {
    /** Nothing to do. */
    NOTE(0),
    /** Should be mended. */
    WARNING(3),
    /** Somebody can make use of it, or it does not work. */
    WEAKNESS(4);

    private final int exitCode;

    Level(int exitCode) {
      this.exitCode = exitCode;
    }

    int exitCode() {
      return exitCode;
    }
  }
}
