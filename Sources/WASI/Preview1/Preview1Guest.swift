import CWasmtime
package import ComponentModel
package import WasmEngine

/// The host's side of one instance of a core module that uses preview 1: its descriptors, its memory.
///
/// Set as the `owner` of the instance's store, confined to the event loop of its invocation.
package final class Preview1Guest {
    /// Where the module's memory is.
    private enum MemorySource {
        /// To be looked up among the exports of who calls.
        case unknown
        case exported(wasmtime_memory_t)
        /// Of a test.
        case buffer(UnsafeMutableRawBufferPointer)
    }

    /// Owns this object, where the module runs as a component.
    unowned(unsafe) let context: WASIContext
    private let ownedContext: WASIContext?
    let waker: Waker
    private let permissions: Preview1Permissions
    var files: FileTable
    /// Only the store's own guest calls functions that use it.
    private unowned(unsafe) let store: Store?
    private var memorySource = MemorySource.unknown

    package convenience init(context: WASIContext, waker: Waker, store: Store?) {
        self.init(context, isOwner: true, waker: waker, store: store)
    }

    /// - Parameter isOwner: whether the guest keeps the context alive.
    init(
        _ context: WASIContext, isOwner: Bool, waker: Waker, store: Store?,
        permissions: Preview1Permissions = Preview1Permissions()
    ) {
        self.permissions = permissions
        self.context = context
        self.ownedContext = isOwner ? context : nil
        self.waker = waker
        self.store = store
        let preopens = permissions.files ? context.configuration.preopens : []
        self.files = FileTable(limit: context.limits.openFiles + preopens.count + 3)
        let terminals = context.terminals
        let entries: [FileTable.Entry.Kind] =
            [
                .input(context.makeStdin(), isTerminal: terminals.contains(.stdin)),
                .output(context.makeStdout(), isTerminal: terminals.contains(.stdout)),
                .output(context.makeStderr(), isTerminal: terminals.contains(.stderr)),
            ]
            + preopens.map {
                .directory(
                    DescriptorResource(preopen: $0, budget: context.budget, worker: context.fileWorker),
                    name: $0.guestPath)
            }
        // The table has room for all of them.
        for kind in entries { _ = try? self.files.add(FileTable.Entry(kind)) }
    }

    /// A guest without an instance, whose memory is `memory`.
    package convenience init(context: WASIContext, memory: UnsafeMutableRawBufferPointer) {
        self.init(context: context, waker: Waker(), store: nil)
        self.memorySource = .buffer(memory)
    }

    var environment: [(String, String)] { self.permissions.environment ? self.context.environment : [] }
    var arguments: [String] { self.permissions.environment ? self.context.arguments : [] }

    /// The module's memory as it lies now.
    func memory(of caller: OpaquePointer?) throws -> Preview1Memory {
        switch self.memorySource {
        case .buffer(let bytes): return Preview1Memory(bytes)
        case .exported(let memory):
            guard let store = self.store else { throw GuestFault("the call has no guest") }
            return Preview1Memory(store.bytes(of: memory))
        case .unknown:
            guard let store = self.store, let caller, let memory = Store.memory(exportedBy: caller, named: "memory")
            else { throw GuestFault("the module exports no memory named \"memory\"") }
            self.memorySource = .exported(memory)
            return Preview1Memory(store.bytes(of: memory))
        }
    }

    func wait() throws {
        guard let store = self.store else { throw HostLimitError("this instance cannot wait: it has no guest") }
        try store.wait()
    }
}
