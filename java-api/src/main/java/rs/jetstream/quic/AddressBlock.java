package rs.jetstream.quic;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * A block of addresses, as {@code 192.0.2.0/24} or {@code 2001:db8::/32}.
 *
 * @param address any address of the block
 * @param bits how many leading bits count
 */
public record AddressBlock(InetAddress address, int bits) {
  /** What can be an address in text, and cannot be a name that would be looked up. */
  private static final Pattern LITERAL = Pattern.compile("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  /** Checks the number of bits. */
  public AddressBlock {
    int most = address.getAddress().length * 8;
    if (bits < 0 || bits > most) {
      throw new IllegalArgumentException(
          "bits of " + address.getHostAddress() + " are " + bits + ", must be 0 to " + most);
    }
  }

  /** One address. */
  public static AddressBlock of(InetAddress address) {
    return new AddressBlock(address, address.getAddress().length * 8);
  }

  /**
   * Reads a block, or one address, in text; names are not looked up.
   *
   * @throws IllegalArgumentException when it is neither
   */
  public static AddressBlock parse(String text) {
    int slash = text.indexOf('/');
    String literal = slash < 0 ? text : text.substring(0, slash);
    try {
      if (LITERAL.matcher(literal).matches()) {
        InetAddress address = InetAddress.getByName(literal);
        return slash < 0
            ? of(address)
            : new AddressBlock(address, Integer.parseInt(text.substring(slash + 1)));
      }
    } catch (UnknownHostException | NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "'" + Failures.printable(text) + "' is no address and no block like 192.0.2.0/24");
  }

  @Override
  public String toString() {
    return address.getHostAddress() + "/" + bits;
  }
}
