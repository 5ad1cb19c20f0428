import CWasmtime

/// A guest's fault, with the guest's stack at that point.
package struct Trap: Error, Sendable, CustomStringConvertible {
    /// What went wrong: the codes of crates/environ/src/trap_encoding.rs that core WebAssembly can raise, and our own.
    package enum Code: Sendable, Hashable {
        case stackOverflow
        case memoryOutOfBounds
        case heapMisaligned
        case tableOutOfBounds
        case indirectCallToNull
        case badSignature
        case integerOverflow
        case integerDivisionByZero
        case badConversionToInteger
        case unreachable
        case nullReference
        case allocationTooLarge
        case uncaughtException
        /// The fiber used up its time slices.
        case deadline
        case other
    }

    package struct Frame: Sendable, Hashable, CustomStringConvertible {
        package var moduleName: String?
        package var functionName: String?
        package var functionIndex: UInt32
        /// Position in the module's binary, in bytes.
        package var moduleOffset: Int?

        package var description: String {
            let module = self.moduleName ?? "<unknown>"
            let function = self.functionName ?? Self.unnamed(self.functionIndex)
            guard let moduleOffset = self.moduleOffset else {
                return "\(module)!\(function)"
            }
            return "\(module)!\(function) @ 0x\(String(moduleOffset, radix: 16))"
        }

        // MARK: Merged modules

        /// The name of a module that was merged of several. Names of its functions are `module!function`.
        package static let mergedModule = "swirl:merged"
        package static let mergedSeparator = UInt8(ascii: "!")

        /// What stands for the name of a function that has none.
        package static func unnamed(_ index: UInt32) -> String { "<wasm function \(index)>" }

        /// The frame as it would be had its module not been merged. The position is that in the merged binary, which
        /// means nothing to anybody, and is left out.
        func unmerged() -> Frame {
            guard self.moduleName == Self.mergedModule, let name = self.functionName,
                let separator = name.utf8.firstIndex(of: Self.mergedSeparator)
            else { return self }
            var frame = self
            frame.moduleName = separator == name.startIndex ? nil : String(name[..<separator])
            frame.functionName = String(name[name.utf8.index(after: separator)...])
            frame.moduleOffset = nil
            return frame
        }
    }

    package let code: Code
    package let message: String
    /// Innermost first.
    package let backtrace: [Frame]

    package init(code: Code, message: String? = nil, backtrace: [Frame] = []) {
        self.code = code
        self.message = message ?? Self.message(for: code)
        self.backtrace = backtrace
    }

    package var description: String { self.message + self.backtrace.listing }
}

extension [Trap.Frame] {
    /// A line for each frame, to stand behind a message.
    package var listing: String { self.enumerated().map { "\n    \($0): \($1)" }.joined() }
}

extension Trap {
    /// Reads a trap, which is freed.
    init(taking trap: OpaquePointer) {
        defer { wasm_trap_delete(trap) }
        let frames = Self.frames { wasm_trap_trace(trap, $0) }
        var number: UInt8 = 0
        guard wasmtime_trap_code(trap, &number), let code = Self.codes[number] else {
            let message = CError.oneLine(CError.string { wasm_trap_message(trap, $0) })
            self.init(
                code: Self.isException(message) ? .uncaughtException : .other, message: message, backtrace: frames)
            return
        }
        self.init(code: code, backtrace: frames)
    }

    /// Whether an error is an exception that nobody caught. It has no code.
    static func isException(_ message: String) -> Bool { message.hasSuffix("thrown Wasm exception") }

    /// The guest's stack in an error or trap.
    static func frames(_ fill: (UnsafeMutablePointer<wasm_frame_vec_t>) -> Void) -> [Frame] {
        var vector = wasm_frame_vec_t()
        fill(&vector)
        defer { wasm_frame_vec_delete(&vector) }
        return UnsafeBufferPointer(start: vector.data, count: vector.size).compactMap { frame in
            guard let frame else {
                return nil
            }
            let offset = wasm_frame_module_offset(frame)
            return Frame(
                moduleName: wasmtime_frame_module_name(frame).map { CError.string($0.pointee) },
                functionName: wasmtime_frame_func_name(frame).map { CError.string($0.pointee) },
                functionIndex: wasm_frame_func_index(frame),
                // The C API imports `usize::MAX`, for "unknown", as -1.
                moduleOffset: offset >= 0 ? offset : nil
            ).unmerged()
        }
    }

    private static let codes: [UInt8: Code] = [
        0: .stackOverflow, 1: .memoryOutOfBounds, 2: .heapMisaligned, 3: .tableOutOfBounds, 4: .indirectCallToNull,
        5: .badSignature, 6: .integerOverflow, 7: .integerDivisionByZero, 8: .badConversionToInteger,
        9: .unreachable, 13: .nullReference, 15: .allocationTooLarge, 49: .uncaughtException,
    ]

    private static func message(for code: Code) -> String {
        switch code {
        case .stackOverflow: "wasm trap: call stack exhausted"
        case .memoryOutOfBounds: "wasm trap: out of bounds memory access"
        case .heapMisaligned: "wasm trap: unaligned atomic"
        case .tableOutOfBounds: "wasm trap: out of bounds table access"
        case .indirectCallToNull: "wasm trap: indirect call to a null function"
        case .badSignature: "wasm trap: indirect call with the wrong function type"
        case .integerOverflow: "wasm trap: integer overflow"
        case .integerDivisionByZero: "wasm trap: integer divide by zero"
        case .badConversionToInteger: "wasm trap: invalid conversion to integer"
        case .unreachable: "wasm trap: `unreachable` instruction executed"
        case .nullReference: "wasm trap: null reference"
        case .allocationTooLarge: "wasm trap: allocation too large"
        case .uncaughtException: "wasm trap: uncaught exception"
        case .deadline: "wasm trap: the time limit is over"
        case .other: "wasm trap"
        }
    }
}
