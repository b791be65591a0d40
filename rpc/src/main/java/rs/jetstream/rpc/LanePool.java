package rs.jetstream.rpc;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.JetStreamException.Kind;

/** The lanes of a client for one service, opened when they are needed. */
final class LanePool {
  private final ClientSettings settings;
  private final ServiceDescriptor service;
  private final LaneOpener opener;
  private final Place[] places;
  private final AtomicInteger next = new AtomicInteger();
  private volatile boolean closed;

  LanePool(ClientSettings settings, ServiceDescriptor service, LaneOpener opener) {
    this.settings = settings;
    this.service = service;
    this.opener = opener;
    places = new Place[settings.lanesPerService()];
    for (int i = 0; i < places.length; i++) {
      places[i] = new Place(i);
    }
  }

  /** A lane that can be called on now, or null. */
  @Nullable ClientLane ready() {
    return ready(turn());
  }

  private int turn() {
    return places.length == 1 ? 0 : next.getAndIncrement();
  }

  /** The lane whose turn it is, another one while that has no tags; null when it is not open. */
  private @Nullable ClientLane ready(int turn) {
    ClientLane lane = place(turn).lane;
    if (lane == null || !lane.isUsable()) {
      return null;
    }
    for (int i = 0; i < places.length; i++) {
      ClientLane other = place(turn + i).lane;
      if (other != null && other.isUsable() && other.availableTags() > 0) {
        return other;
      }
    }
    return lane;
  }

  private Place place(int index) {
    return places[Math.floorMod(index, places.length)];
  }

  /** A lane for one of many calls, waiting for one to be opened. */
  ClientLane get(long deadline) throws IOException, InterruptedException {
    int turn = turn();
    ClientLane lane = ready(turn);
    return lane != null ? lane : await(place(turn).open(), deadline);
  }

  /** A lane for one call alone. */
  ClientLane single(long deadline) throws IOException, InterruptedException {
    CompletableFuture<ClientLane> opening = new CompletableFuture<>();
    int index = next.getAndIncrement() & Integer.MAX_VALUE;
    Thread.startVirtualThread(() -> run(index, 1, opening, lane -> {}));
    try {
      return await(opening, deadline);
    } catch (RpcException | InterruptedException e) {
      // Whoever waited has gone: what comes is of no use.
      CompletableFuture<Void> ignored = opening.thenAccept(ClientLane::retire);
      throw e;
    }
  }

  private ClientLane await(CompletableFuture<ClientLane> opening, long deadline)
      throws IOException, InterruptedException {
    try {
      return opening.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new RpcException(
          "a call of " + service.name() + " failed: no lane was open before its deadline",
          Kind.DEADLINE);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw RpcException.because("a call of " + service.name(), cause, true);
    }
  }

  private interface Opened {
    void set(@Nullable ClientLane lane);
  }

  /** Opens a lane, tells {@code opened} and then {@code opening}, and receives up to its end. */
  private void run(int index, int maxCalls, CompletableFuture<ClientLane> opening, Opened opened) {
    ClientLane lane;
    try {
      if (closed) {
        throw new RpcException("the client is closed", Kind.CLOSED_LOCALLY);
      }
      lane = new ClientLane(settings, service, opener.open(index), maxCalls);
      lane.handshake();
    } catch (IOException | RuntimeException | Error e) {
      // An Error as well: else all who come later wait for what nobody opens.
      opened.set(null);
      boolean ignored = opening.completeExceptionally(e);
      return;
    }
    opened.set(lane);
    boolean ignored = opening.complete(lane);
    if (closed) {
      lane.fail(new RpcException("the client is closed", Kind.CLOSED_LOCALLY));
    }
    lane.receive();
  }

  void close() {
    closed = true;
    for (Place place : places) {
      ClientLane lane = place.lane;
      if (lane != null) {
        lane.fail(new RpcException("the client is closed", Kind.CLOSED_LOCALLY));
      }
    }
  }

  /** Where one lane is. */
  private final class Place {
    private final int index;
    private final AtomicReference<@Nullable CompletableFuture<ClientLane>> opening =
        new AtomicReference<>();
    private volatile @Nullable ClientLane lane;

    Place(int index) {
      this.index = index;
    }

    /** The lane that is there or is being opened, or that is from now on. */
    CompletableFuture<ClientLane> open() {
      while (true) {
        CompletableFuture<ClientLane> current = opening.get();
        if (current != null) {
          return current;
        }
        CompletableFuture<ClientLane> mine = new CompletableFuture<>();
        if (!opening.compareAndSet(null, mine)) {
          continue;
        }
        ClientLane there = lane;
        if (there != null && there.isUsable()) {
          // Opened between the caller's look and now.
          opening.set(null);
          boolean ignored = mine.complete(there);
          return mine;
        }
        try {
          Thread.startVirtualThread(() -> open(mine));
        } catch (OutOfMemoryError full) {
          opening.set(null);
          boolean ignored = mine.completeExceptionally(full);
        }
        return mine;
      }
    }

    private void open(CompletableFuture<ClientLane> mine) {
      run(
          index,
          settings.maxCallsPerLane(),
          mine,
          it -> {
            if (it != null) {
              lane = it;
            }
            opening.set(null);
          });
    }
  }
}
