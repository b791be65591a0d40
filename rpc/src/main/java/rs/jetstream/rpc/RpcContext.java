package rs.jetstream.rpc;

/** What a handler can know of a call beside its arguments. */
public interface RpcContext {}
