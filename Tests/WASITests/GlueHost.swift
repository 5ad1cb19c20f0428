import ComponentModel
import Testing
import WASI
import WasmEngine

/// A host with a guest's memory and allocator, without its code: functions are called with flat values, as they come
/// from a guest.
final class GlueHost {
    let loop = GlueLoop()
    let context: WASIContext
    let instance: ComponentInstance
    private let store: Store
    private let lowering: Lowering
    private let values = UnsafeMutableRawPointer.allocate(byteCount: 32 * 16, alignment: 16)

    private static let engine = Result { () throws(EngineError) in try Engine(EngineConfiguration()) }

    /// Two pages, an allocator that gives from the second one on and begins again there when it is used up.
    private static let component = Result {
        let engine = try GlueHost.engine.get()
        let binary = try Engine.assemble(
            """
            (component
              (core module $m
                (memory (export "memory") 2 2)
                (global $next (mut i32) (i32.const 65536))
                (func (export "realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
                  (local $start i32)
                  (if (i32.gt_u (local.get $size) (i32.const 65536)) (then unreachable))
                  (local.set $start
                    (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
                  (if (i32.gt_u (i32.add (local.get $start) (local.get $size)) (i32.const 131072))
                    (then (local.set $start (i32.const 65536))))
                  (global.set $next (i32.add (local.get $start) (local.get $size)))
                  (local.get $start))
                (func (export "run") (param i32 i32)))
              (core instance $m (instantiate $m))
              (func (export "run") (param "text" string)
                (canon lift (core func $m "run") (memory (core memory $m "memory")) (realloc (core func $m "realloc")))))
            """)
        return try binary.withUnsafeBytes { bytes in
            let plan = try ComponentDecoder.plan(bytes)
            let modules = try plan.coreModules.map { try $0.withBytes(of: bytes) { try engine.compile($0) } }
            return try Component(
                name: "glue", plan: plan, modules: modules, engine: engine, registry: HostRegistry([]))
        }
    }

    init(_ configuration: WASIConfiguration = WASIConfiguration()) throws {
        let component = try Self.component.get()
        let exported = try #require(component.exportedFunction("run", in: nil))
        self.context = WASIContext(configuration: configuration, eventLoop: self.loop)
        self.store = Store(component.engine)
        self.instance = try ComponentInstance(component, in: self.store, host: self.context, waker: Waker {})
        self.lowering = exported.lowering
    }

    deinit {
        self.values.deallocate()
    }

    var memory: UnsafeMutableRawBufferPointer {
        get throws {
            let (base, count) = try self.instance.memory(self.lowering.memory)
            return UnsafeMutableRawBufferPointer(start: base, count: count)
        }
    }

    /// Puts `object` into the guest's table.
    func handle(_ object: AnyObject, _ type: HostResourceType) throws -> UInt64 {
        UInt64(try self.instance.insert(object, type, componentInstance: 0))
    }

    /// Calls a function with flat values, missing ones being zero; its flat result.
    @discardableResult
    func call(_ function: HostFunction, _ arguments: [UInt64]) throws -> UInt64 {
        self.values.initializeMemory(as: UInt8.self, repeating: 0, count: 32 * 16)
        for (index, value) in arguments.prefix(32).enumerated() {
            self.values.storeBytes(of: value, toByteOffset: index * 16, as: UInt64.self)
        }
        self.instance.liftBudget = ComponentInstance.maximumLift
        let lenders = self.instance.lenderCount
        defer { self.instance.endLends(downTo: lenders) }
        try function.call(HostCall(values: self.values, instance: self.instance, lowering: self.lowering))
        return self.values.load(as: UInt64.self)
    }

    /// The function of an interface in a version.
    static func function(_ interface: String, _ version: String, _ name: String) throws -> HostFunction {
        let found = HostRegistry(WASI.interfaces).resolve(interface: interface, version: version, function: name)
        guard case .function(let function) = found else {
            throw NoSuchFunction(name: "\(interface)@\(version) \(name)")
        }
        return function
    }

    struct NoSuchFunction: Error { let name: String }
}
