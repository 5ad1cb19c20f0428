/// Canonical definitions (Binary.md, "Canonical Definitions").
extension ComponentParser {
    func canon(_ reader: inout ByteReader) throws(ComponentError) -> CanonSyntax {
        let start = reader.offset
        let opcode = try reader.byte()
        switch opcode {
        case 0x00:
            try ComponentParser.expectFunctionSort(&reader, "canonical function lift")
            let function = try reader.u32()
            let options = try self.canonOptions(&reader)
            return .lift(function: function, options: options, type: try reader.u32())
        case 0x01:
            try ComponentParser.expectFunctionSort(&reader, "canonical function lower")
            let function = try reader.u32()
            return .lower(function: function, options: try self.canonOptions(&reader))
        case 0x02: return .resourceNew(type: try reader.u32())
        case 0x03: return .resourceDrop(type: try reader.u32())
        case 0x04: return .resourceRep(type: try reader.u32())
        default:
            if let fixed = ComponentParser.fixedBuiltins[opcode] {
                let flag = fixed.hasFlag ? try reader.boolean(fixed.name) : false
                return .builtin(BuiltinSyntax(name: fixed.name, kind: .fixed(fixed.type), isCancellable: flag))
            }
            return .builtin(try self.builtin(opcode, &reader, at: start))
        }
    }

    private static func expectFunctionSort(_ reader: inout ByteReader, _ what: String) throws(ComponentError) {
        let start = reader.offset
        guard try reader.byte() == 0x00 else { throw invalidByte(reader, what, at: start) }
    }

    // MARK: Built-ins

    private typealias FixedBuiltin = (name: String, type: CoreFunctionType, hasFlag: Bool)

    /// Built-ins whose type depends on nothing; some have a flag, such as `cancellable`.
    private static let fixedBuiltins: [UInt8: FixedBuiltin] = {
        let none = CoreFunctionType([])
        let drop = CoreFunctionType([.i32])
        let make = CoreFunctionType([], [.i32])
        let one = CoreFunctionType([.i32], [.i32])
        return [
            0x05: ("task.cancel", none, false), 0x06: ("subtask.cancel", one, true),
            0x08: ("backpressure.set", drop, false), 0x0c: ("thread.yield", make, true),
            0x0d: ("subtask.drop", drop, false), 0x1e: ("error-context.drop", drop, false),
            0x1f: ("waitable-set.new", make, false), 0x22: ("waitable-set.drop", drop, false),
            0x23: ("waitable.join", CoreFunctionType([.i32, .i32]), false),
            0x24: ("backpressure.inc", none, false), 0x25: ("backpressure.dec", none, false),
            0x26: ("thread.index", make, false), 0x28: ("thread.resume-later", drop, false),
            0x29: ("thread.suspend", make, true), 0x2a: ("thread.suspend-then-resume", one, true),
            0x2b: ("thread.yield-then-resume", one, true), 0x2c: ("thread.suspend-then-promote", one, true),
            0x2d: ("thread.yield-then-promote", one, true),
        ]
    }()

    private func builtin(_ opcode: UInt8, _ reader: inout ByteReader, at start: Int)
        throws(ComponentError) -> BuiltinSyntax
    {
        switch opcode {
        case 0x09:
            let result = try self.resultList(&reader)
            return BuiltinSyntax(
                name: "task.return", kind: .taskReturn(result: result, options: try self.canonOptions(&reader)))
        case 0x0a, 0x0b:
            let type = try CoreTypeReader.valueType(&reader)
            let slot = try reader.u32()
            return BuiltinSyntax(
                name: opcode == 0x0a ? "context.get" : "context.set",
                kind: .context(isSet: opcode == 0x0b, type: type, slot: slot))
        case 0x0e...0x14: return try self.transfer(.stream, opcode - 0x0e, &reader)
        case 0x15...0x1b: return try self.transfer(.future, opcode - 0x15, &reader)
        case 0x1c:
            return BuiltinSyntax(name: "error-context.new", kind: .errorContextNew(try self.canonOptions(&reader)))
        case 0x1d:
            return BuiltinSyntax(
                name: "error-context.debug-message", kind: .errorContextMessage(try self.canonOptions(&reader)))
        case 0x20, 0x21:
            let name = opcode == 0x20 ? "waitable-set.wait" : "waitable-set.poll"
            let isCancellable = try reader.boolean(name)
            return BuiltinSyntax(
                name: name, kind: .waitableSet(memory: try reader.u32()), isCancellable: isCancellable)
        case 0x27:
            let type = try reader.u32()
            return BuiltinSyntax(
                name: "thread.new-indirect", kind: .threadNew(type: type, table: try reader.u32()))
        case 0x40, 0x41, 0x42:
            // What follows is not the same in the specification and in its tools.
            let names = ["thread.spawn-ref", "thread.spawn-indirect", "thread.available-parallelism"]
            throw ComponentError(
                .unsupported,
                "the built-in '\(names[Int(opcode - 0x40)])' of the proposal shared-everything-threads, which is in no "
                    + "release of the component model; 'thread.new-indirect' and 'thread.resume-later' make threads",
                offset: start)
        default: throw invalidByte(reader, "canonical function", at: start)
        }
    }

    /// The seven built-ins of streams, or of futures, in the order of their opcodes.
    private func transfer(_ transfer: BuiltinSyntax.Transfer, _ place: UInt8, _ reader: inout ByteReader)
        throws(ComponentError) -> BuiltinSyntax
    {
        let type = try reader.u32()
        let name: String
        let operation: BuiltinSyntax.TransferOperation
        var options = CanonOptionsSyntax()
        switch place {
        case 0: (name, operation) = ("new", .new)
        case 1, 2:
            (name, operation) = place == 1 ? ("read", .read) : ("write", .write)
            options = try self.canonOptions(&reader)
        case 3, 4:
            (name, operation) = (place == 3 ? "cancel-read" : "cancel-write", .cancel)
            options.isAsync = try reader.boolean(name)
        default: (name, operation) = (place == 5 ? "drop-readable" : "drop-writable", .drop)
        }
        return BuiltinSyntax(
            name: "\(transfer).\(name)", kind: .transfer(transfer, operation, type: type, options: options))
    }

    // MARK: Options

    private func canonOptions(_ reader: inout ByteReader) throws(ComponentError) -> CanonOptionsSyntax {
        var options = CanonOptionsSyntax()
        let count = try reader.count()
        try self.budget.spend(count, at: reader.offset)
        for _ in 0..<count {
            let start = reader.offset
            func unique(_ isNew: Bool, _ name: String) throws(ComponentError) {
                guard isNew else {
                    throw ComponentError(
                        .invalid, "canonical option `\(name)` is specified more than once", offset: start)
                }
            }
            switch try reader.byte() {
            case let byte where byte <= 0x02:
                let encoding: StringEncoding = byte == 0 ? .utf8 : byte == 1 ? .utf16 : .latin1OrUTF16
                if let other = options.encoding {
                    throw ComponentError(
                        .invalid,
                        "canonical encoding option `\(other.name)` conflicts with option `\(encoding.name)`",
                        offset: start)
                }
                options.encoding = encoding
            case 0x03:
                try unique(options.memory == nil, "memory")
                options.memory = try reader.u32()
            case 0x04:
                try unique(options.realloc == nil, "realloc")
                options.realloc = try reader.u32()
            case 0x05:
                try unique(options.postReturn == nil, "post-return")
                options.postReturn = try reader.u32()
            case 0x06:
                try unique(!options.isAsync, "async")
                options.isAsync = true
            case 0x07:
                try unique(options.callback == nil, "callback")
                options.callback = try reader.u32()
            case 0x08:
                try unique(options.coreType == nil, "core-type")
                options.coreType = try reader.u32()
            case 0x09:
                try unique(!options.usesGC, "gc")
                options.usesGC = true
            default: throw invalidByte(reader, "canonical option", at: start)
            }
        }
        return options
    }
}

extension StringEncoding {
    fileprivate var name: String {
        switch self {
        case .utf8: "utf8"
        case .utf16: "utf16"
        case .latin1OrUTF16: "latin1-utf16"
        }
    }
}
