import ComponentModel
import WasmEngine

/// An instance of the guest sink.wat, which moves bytes to and from host functions.
final class SinkGuest {
    /// Length of the lists.
    static let byteCount = 64 << 10

    private let store: Store
    private let instance: ComponentInstance
    private let sendFunction: ExportedFunction
    private let receiveFunction: ExportedFunction

    init(_ file: [UInt8], engine: Engine) throws {
        let registry = HostRegistry([Self.sink])
        let component = try SwirlComponent(file, name: "sink", engine: engine, registry: registry).component
        guard let send = component.exportedFunction("send", in: nil),
            let receive = component.exportedFunction("receive", in: nil)
        else { throw BenchmarkError("the guest sink.wat does not export send and receive") }
        self.sendFunction = send
        self.receiveFunction = receive
        self.store = Store(engine)
        self.instance = try ComponentInstance(
            component, in: self.store, host: HostBuffer(byteCount: Self.byteCount), waker: Waker())
    }

    /// The guest gives the host a list so many times.
    func send(times: Int) throws {
        try self.call(self.sendFunction, times)
    }

    /// The guest takes a list from the host so many times.
    func receive(times: Int) throws {
        try self.call(self.receiveFunction, times)
    }

    private func call(_ function: ExportedFunction, _ times: Int) throws {
        try self.instance.call(
            function,
            arguments: { values in
                values.set(i32: UInt32(Self.byteCount), at: 0)
                values.set(i32: UInt32(times), at: 1)
            },
            results: { _ in })
    }

    /// What the generator would write for `interface sink`, and the smallest host behind it.
    private static let sink = HostInterface(
        name: "bench:host/sink", versions: [], resources: [:],
        functions: [
            HostFunction(name: "put", signature: "(list<u8>)") { call in
                let bytes = try call.bytes(call.i32(0), call.i32(1))
                call.host(HostBuffer.self).take(bytes)
            },
            HostFunction(name: "get", signature: "(u32) -> list<u8>") { call in
                let (pointer, length) = try call.lower(call.host(HostBuffer.self))
                let area = try call.view(call.i32(1), size: 8, alignment: 4)
                area.set(u32: pointer, at: 0)
                area.set(u32: length, at: 4)
            },
        ])
}

/// Bytes of the host that lists are copied to and from.
final class HostBuffer: HostBytes {
    private let bytes: UnsafeMutableRawBufferPointer

    init(byteCount: Int) {
        self.bytes = .allocate(byteCount: byteCount, alignment: 64)
        self.bytes.initializeMemory(as: UInt8.self, repeating: 7)
    }

    deinit {
        self.bytes.deallocate()
    }

    var byteCount: Int { self.bytes.count }

    func copyBytes(to destination: UnsafeMutableRawPointer) {
        if let base = self.bytes.baseAddress { destination.copyMemory(from: base, byteCount: self.bytes.count) }
    }

    /// Keeps what fits.
    func take(_ list: GuestBytes) {
        self.bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: list.bytes.prefix(self.bytes.count)))
    }
}
