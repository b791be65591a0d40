package rs.jetstream.quic;

import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import rs.jetstream.ffi.Block;
import rs.jetstream.ffi.NativeControl;
import rs.jetstream.ffi.NativeStatus;

/**
 * Answers what handshakes ask: one thread takes the questions, and each is decided on a thread of
 * its own, so that one that blocks holds nobody else. Signatures have a few threads of theirs.
 */
final class Decisions {
  private static final System.Logger LOGGER = System.getLogger("rs.jetstream.quic");

  private static final byte[] NOTHING = {};

  private final QuicEndpoint endpoint;
  private final Waiter waiter;
  private final Signers signers;

  Decisions(QuicEndpoint endpoint, Waiter waiter) {
    this.endpoint = endpoint;
    this.waiter = waiter;
    signers = new Signers("jetstream-signer-" + endpoint.handle() + "-");
  }

  void start() {
    Thread ignored =
        Thread.ofVirtual().name("jetstream-decisions-" + endpoint.handle()).start(this::run);
  }

  /** Ends with the endpoint: its number is unknown then. */
  private void run() {
    Block block = Block.take();
    try {
      NativeControl.Question[] out = new NativeControl.Question[1];
      boolean goesOn = true;
      while (goesOn) {
        try {
          goesOn = turn(out, block);
        } catch (OutOfMemoryError full) {
          // A question is lost, and its handshake with it; without this thread all would be.
        }
      }
    } catch (InterruptedIOException e) {
      // Nobody interrupts this thread, which nobody else has.
      Thread.currentThread().interrupt();
    } finally {
      signers.shutdown();
      block.give();
    }
  }

  private boolean turn(NativeControl.Question[] out, Block block) throws InterruptedIOException {
    waiter.arm();
    int status = NativeControl.pollQuestion(endpoint.handle(), out, block);
    if (status == NativeStatus.OK) {
      NativeControl.Question question = out[0];
      if (question.kind() == NativeControl.QUESTION_SIGN) {
        if (!signers.sign(() -> decide(question))) {
          int ignored =
              NativeControl.answer(endpoint.handle(), question.id(), false, NOTHING, block);
        }
      } else {
        Thread ignored = Thread.startVirtualThread(() -> decide(question));
      }
      return true;
    }
    if (status != NativeStatus.PENDING || endpoint.isClosed()) {
      return false;
    }
    boolean ignored = waiter.await(Waiter.NEVER);
    return true;
  }

  private void decide(NativeControl.Question question) {
    byte[] answer = NOTHING;
    boolean yes = false;
    Block block = Block.take();
    try {
      byte[][] data = new byte[1][];
      if (NativeControl.questionData(endpoint.handle(), question, data, block) != NativeStatus.OK) {
        // The handshake waits no more.
        return;
      }
      TlsOptions options = endpoint.tlsOptions();
      switch (question.kind()) {
        case NativeControl.QUESTION_HELLO -> {
          HelloPolicy policy = options.helloPolicy();
          yes = policy == null || policy.accepts(hello(question, data[0]));
        }
        case NativeControl.QUESTION_CERTIFICATE -> {
          PeerPolicy policy = options.peerPolicy();
          PeerIdentity peer = PeerIdentity.of(Certificates.parseDer(data[0]));
          yes = policy == null || policy.accepts(peer, question.peer());
        }
        case NativeControl.QUESTION_SIGN -> {
          TlsIdentity signer = options.signer();
          if (signer != null) {
            answer = signer.sign(question.detail(), data[0]);
            yes = true;
          }
        }
        default -> {}
      }
    } catch (Exception e) {
      LOGGER.log(
          System.Logger.Level.WARNING,
          () -> "a handshake with " + question.peer() + " is refused: its decision failed",
          e);
    } finally {
      // Also after an Error: a handshake must not wait for an answer that nobody gives.
      int ignored = NativeControl.answer(endpoint.handle(), question.id(), yes, answer, block);
      block.give();
    }
  }

  private static ClientHello hello(NativeControl.Question question, byte[] protocols) {
    List<String> names = new ArrayList<>();
    for (int at = 0; at < protocols.length; ) {
      int length = Byte.toUnsignedInt(protocols[at++]);
      if (length > protocols.length - at) {
        break;
      }
      names.add(new String(protocols, at, length, StandardCharsets.UTF_8));
      at += length;
    }
    return new ClientHello(question.peer(), question.serverName(), List.copyOf(names));
  }
}
