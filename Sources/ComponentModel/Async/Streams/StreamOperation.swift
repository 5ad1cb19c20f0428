/// One built-in of streams or futures, as a component defines it: on which type, with which options.
///
/// Made once a component and shared by all its instances: the engine hands it back as the environment of the call.
final class StreamOperation: Sendable {
    let payload: StreamPayload
    let isFuture: Bool
    /// Whether it is about the readable end.
    let isReader: Bool
    /// The memory, allocator and handle table of the guest that calls it.
    let lowering: Lowering

    init(_ builtin: TransferBuiltin, lowering: Lowering) {
        self.payload = StreamPayload(builtin.payload, signature: builtin.signature)
        self.isFuture = builtin.kind == .future
        self.isReader =
            switch builtin.operation {
            case .new, .read, .cancelRead, .dropReadable: true
            case .write, .cancelWrite, .dropWritable: false
            }
        self.lowering = lowering
    }

    var isAsync: Bool { self.lowering.isAsync }
}
