package rs.jetstream.ffi;

/** Whom messages of exchanges are handed over to. */
public interface Exchanging {
  /**
   * A message of {@code length} bytes is in the endpoint's {@link ExchangeMemory#input} until this
   * returns; with a {@code status} that is not OK it is {@link ExchangeMemory#failure}.
   *
   * <p>Called on the endpoint's native thread, without a lock held. It may use the library, and
   * must not wait.
   *
   * @return for a request, the length of the answer in {@link ExchangeMemory#output()}, {@link
   *     NativeExchange#DECLINED} or {@link NativeExchange#FAILED}; for an answer anything
   */
  long exchange(int status, long length);
}
