import CWasmtime
import Crypto

/// Compiles modules and holds what all instances share: the compiler, the pool of memories and stacks, the clock of the
/// time slices.
package final class Engine: Sendable {
    // Wasmtime's engine is a counted reference to immutable, thread-safe state.
    package nonisolated(unsafe) let pointer: OpaquePointer
    package let configuration: EngineConfiguration
    package let library: LoadedLibrary
    /// Version, settings, target and processor features: compiled code is good for engines of the same fingerprint.
    package let fingerprint: String
    /// What had to be given up for lack of address space, for the log.
    package let notes: [String]
    /// A module whose only function does nothing: entering it is how a fiber reaches its end of slice at will.
    let pauseModule: PreInstance
    /// The type of functions without parameters and results.
    nonisolated(unsafe) let emptyFunctionType: OpaquePointer
    private let ticker: EpochTicker

    /// Makes an engine, with less than configured where address space is limited (see `notes`).
    ///
    /// Loads libwasmtime if nothing has.
    package init(_ configuration: EngineConfiguration = EngineConfiguration()) throws(EngineError) {
        try configuration.validate()
        do throws(LibraryError) {
            self.library = try WasmtimeLibrary.load()
        } catch {
            throw EngineError(.library, error.description)
        }
        let plan = AllocationPlan.fitting(configuration)
        let pointer = wasm_engine_new_with_config(Self.settings(configuration, plan))
        self.pointer = pointer
        self.configuration = configuration
        self.notes = plan.note.map { [$0] } ?? []
        self.emptyFunctionType = FunctionType().make()
        do throws(EngineError) {
            let module = try Self.pauseModule(pointer)
            self.fingerprint = try Self.fingerprint(of: module, library: self.library)
            self.pauseModule = try PreInstance(module: module, enginePointer: pointer)
            self.ticker = try EpochTicker(engine: pointer, interval: configuration.epochInterval)
        } catch {
            wasm_functype_delete(self.emptyFunctionType)
            wasm_engine_delete(pointer)
            throw error
        }
    }

    deinit {
        self.ticker.stop()
        wasm_functype_delete(self.emptyFunctionType)
        wasm_engine_delete(self.pointer)
    }

    /// Compiles a core module for this engine's processor.
    package func compile(_ wasm: UnsafeRawBufferPointer) throws(EngineError) -> Module {
        try Self.compile(wasm, pointer: self.pointer)
    }

    /// Checks a core module without compiling it.
    package func validate(_ wasm: UnsafeRawBufferPointer) throws(EngineError) {
        guard let bytes = wasm.baseAddress?.assumingMemoryBound(to: UInt8.self), wasm.count > 0 else {
            throw EngineError(.invalidModule, "the module is empty")
        }
        if let error = wasmtime_module_validate(self.pointer, bytes, wasm.count) {
            throw EngineError(.invalidModule, CError.takeLine(error))
        }
    }

    /// Assembles text into a module or component. The message of an error has the line and column.
    package static func assemble(_ wat: String) throws(EngineError) -> [UInt8] {
        do throws(LibraryError) {
            _ = try WasmtimeLibrary.load()
        } catch {
            throw EngineError(.library, error.description)
        }
        let text = Array(wat.utf8)
        do throws(CErrorMessage) {
            return try CError.bytes { wasmtime_wat2wasm(text, text.count, $0) }
        } catch {
            throw EngineError(.assembly, error.text)
        }
    }

    private static func settings(_ configuration: EngineConfiguration, _ plan: AllocationPlan) -> OpaquePointer {
        let config = wasm_config_new()
        wasmtime_config_strategy_set(config, UInt8(WASMTIME_STRATEGY_CRANELIFT))
        wasmtime_config_cranelift_opt_level_set(config, UInt8(WASMTIME_OPT_LEVEL_SPEED))
        wasmtime_config_parallel_compilation_set(config, configuration.parallelCompilation)
        wasmtime_config_debug_info_set(config, configuration.debugInfo)
        wasmtime_config_epoch_interruption_set(config, true)
        wasmtime_config_async_stack_size_set(config, configuration.asyncStackSize)
        wasmtime_config_max_wasm_stack_set(config, configuration.maxWasmStack)
        wasmtime_config_memory_init_cow_set(config, true)
        // WebAssembly 3 is the default and stays: exceptions, SIMD, bulk memory, reference types, tail calls. Threads
        // go: the pool has no shared memories.
        wasmtime_config_wasm_threads_set(config, false)
        plan.apply(to: config, maxInstanceMemory: configuration.maxInstanceMemory)
        return config
    }

    private static func compile(
        _ wasm: UnsafeRawBufferPointer, pointer: OpaquePointer
    ) throws(EngineError) -> Module {
        guard let bytes = wasm.baseAddress?.assumingMemoryBound(to: UInt8.self), wasm.count > 0 else {
            throw EngineError(.invalidModule, "the module is empty")
        }
        // Text is refused here: the library's own call accepts binary modules only, with a poor message.
        guard wasm.count >= 8, wasm.starts(with: [0x00, 0x61, 0x73, 0x6D]) else {
            throw EngineError(.invalidModule, "not a WebAssembly binary: it does not start with \\0asm")
        }
        var module: OpaquePointer?
        if let error = wasmtime_module_new(pointer, bytes, wasm.count, &module) {
            throw EngineError(.invalidModule, CError.takeLine(error))
        }
        guard let module else {
            throw EngineError(.other, "the library compiled nothing and reported nothing")
        }
        return Module(taking: module, hasStart: ModuleBinary.hasStart(wasm))
    }

    private static func pauseModule(_ pointer: OpaquePointer) throws(EngineError) -> Module {
        let binary: [UInt8] = [
            0x00, 0x61, 0x73, 0x6D, 0x01, 0x00, 0x00, 0x00,  // magic, version
            0x01, 0x04, 0x01, 0x60, 0x00, 0x00,  // type 0: no parameters, no results
            0x03, 0x02, 0x01, 0x00,  // function 0 of type 0
            0x07, 0x05, 0x01, 0x01, 0x70, 0x00, 0x00,  // export "p"
            0x0A, 0x04, 0x01, 0x02, 0x00, 0x0B,  // an empty body
        ]
        let result: Result<Module, EngineError> = binary.withUnsafeBytes { bytes in
            Result { () throws(EngineError) in try Self.compile(bytes, pointer: pointer) }
        }
        return try result.get()
    }

    private static func fingerprint(of module: Module, library: LoadedLibrary) throws(EngineError) -> String {
        guard let section = ArtifactMetadata.section(of: try module.serialize()) else {
            throw EngineError(.other, "compiled code has an unknown form")
        }
        var hash = SHA256()
        hash.update(data: Array(library.identity.utf8))
        hash.update(data: Array(section))
        return Hexadecimal.text(hash.finalize().prefix(16))
    }
}
