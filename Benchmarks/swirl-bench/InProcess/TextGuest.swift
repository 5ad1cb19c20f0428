import ComponentModel
import WasmEngine

/// An instance of text8.wat or text16.wat, which moves text to and from host functions.
final class TextGuest {
    private let store: Store
    private let component: Component
    private let instance: ComponentInstance

    /// - Parameter text: what the guest gets, and gives back.
    init(_ file: [UInt8], text: String, engine: Engine) throws {
        let host = HostInterface(
            name: "bench:host/text", versions: [], resources: [:],
            functions: [
                HostFunction(name: "put", signature: "(string)") { call in
                    call.host(HostState.self).last = try call.string(call.i32(0), call.i32(1))
                },
                HostFunction(name: "get", signature: "() -> string") { call in
                    let (pointer, length) = try call.lower(call.host(HostState.self).text)
                    let area = try call.view(call.i32(0), size: 8, alignment: 4)
                    area.set(u32: pointer, at: 0)
                    area.set(u32: length, at: 4)
                },
            ])
        self.component = try SwirlComponent(
            file, name: "text", engine: engine, registry: HostRegistry([host])
        ).component
        self.store = Store(engine)
        self.instance = try ComponentInstance(
            self.component, in: self.store, host: HostState(text: text), waker: Waker())
    }

    func send(times: Int) throws { try self.call("send", times) }
    func receive(times: Int) throws { try self.call("receive", times) }

    private func call(_ name: String, _ times: Int) throws {
        guard let function = self.component.exportedFunction(name, in: nil) else {
            throw BenchmarkError("the guest does not export \(name)")
        }
        try self.instance.call(
            function, arguments: { $0.set(i32: UInt32(times), at: 0) }, results: { _ in })
    }

    private final class HostState {
        let text: String
        var last = ""

        init(text: String) {
            self.text = text
        }
    }
}
