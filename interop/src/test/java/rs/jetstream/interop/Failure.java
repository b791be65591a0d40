package rs.jetstream.interop;

import java.util.Optional;

/** How a call is to fail. */
public record Failure(
    String message, Optional<String> code, Optional<String> help, Optional<String> url) {}
