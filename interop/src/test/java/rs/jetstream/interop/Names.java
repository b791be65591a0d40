package rs.jetstream.interop;

import java.util.List;
import java.util.Optional;

/** What a server has seen of a client's certificate. */
public record Names(
    String address,
    String fingerprint,
    Optional<String> commonName,
    List<String> dnsNames,
    List<String> ipAddresses,
    List<String> emails,
    List<String> uris) {}
