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
        self.payload = StreamPayload(builtin.payload, signature: builtin.signature, lowering.addressType)
        self.isFuture = builtin.kind == .future
        self.isReader =
            switch builtin.operation {
            case .new, .read, .cancelRead, .dropReadable: true
            case .write, .cancelWrite, .dropWritable: false
            }
        self.lowering = lowering
    }

    /// Whether items lie in the guest's memory as the host's bindings, which know 32-bit ones, have them.
    var isForBindings: Bool { self.lowering.addressType == .i32 || !self.payload.containsPointers }

    var isAsync: Bool { self.lowering.isAsync }
}
