/// Canonical definitions (Binary.md, "Canonical Definitions").
extension ComponentParser {
    func canon(_ reader: inout ByteReader) throws(ComponentError) -> CanonSyntax {
        let start = reader.offset
        let opcode = try reader.byte()
        switch opcode {
        case 0x00:
            try ComponentParser.expectFunctionSort(&reader)
            let function = try reader.u32()
            let options = try self.canonOptions(&reader)
            return .lift(function: function, options: options, type: try reader.u32())
        case 0x01:
            try ComponentParser.expectFunctionSort(&reader)
            let function = try reader.u32()
            return .lower(function: function, options: try self.canonOptions(&reader))
        case 0x02: return .resourceNew(type: try reader.u32())
        case 0x03: return .resourceDrop(type: try reader.u32())
        case 0x04: return .resourceRep(type: try reader.u32())
        default:
            guard let name = ComponentParser.builtinsNotSupported[opcode] else {
                throw ComponentError(.malformed, "unknown canonical definition \(opcode)", offset: start)
            }
            throw ComponentError(.unsupported, "the built-in '\(name)' of the asynchronous model", offset: start)
        }
    }

    private static func expectFunctionSort(_ reader: inout ByteReader) throws(ComponentError) {
        guard try reader.byte() == 0x00 else { throw reader.malformed("only functions can be lifted or lowered") }
    }

    private func canonOptions(_ reader: inout ByteReader) throws(ComponentError) -> CanonOptionsSyntax {
        var options = CanonOptionsSyntax()
        let count = try reader.count()
        try self.budget.spend(count, at: reader.offset)
        for _ in 0..<count {
            let start = reader.offset
            func unique(_ value: (some Any)?, _ name: String) throws(ComponentError) {
                guard value == nil else {
                    throw ComponentError(.invalid, "canonical option '\(name)' is given twice", offset: start)
                }
            }
            switch try reader.byte() {
            case let byte where byte <= 0x02:
                try unique(options.encoding, "string-encoding")
                options.encoding = byte == 0 ? .utf8 : byte == 1 ? .utf16 : .latin1OrUTF16
            case 0x03:
                try unique(options.memory, "memory")
                options.memory = try reader.u32()
            case 0x04:
                try unique(options.realloc, "realloc")
                options.realloc = try reader.u32()
            case 0x05:
                try unique(options.postReturn, "post-return")
                options.postReturn = try reader.u32()
            case 0x06: throw ComponentError(.unsupported, "the canonical option 'async'", offset: start)
            case 0x07: throw ComponentError(.unsupported, "the canonical option 'callback'", offset: start)
            case let byte: throw ComponentError(.malformed, "unknown canonical option \(byte)", offset: start)
            }
        }
        return options
    }

    private static let builtinsNotSupported: [UInt8: String] = [
        0x05: "task.cancel", 0x06: "subtask.cancel", 0x08: "backpressure.set", 0x09: "task.return",
        0x0a: "context.get", 0x0b: "context.set", 0x0c: "thread.yield", 0x0d: "subtask.drop", 0x0e: "stream.new",
        0x0f: "stream.read", 0x10: "stream.write", 0x11: "stream.cancel-read", 0x12: "stream.cancel-write",
        0x13: "stream.drop-readable", 0x14: "stream.drop-writable", 0x15: "future.new", 0x16: "future.read",
        0x17: "future.write", 0x18: "future.cancel-read", 0x19: "future.cancel-write",
        0x1a: "future.drop-readable", 0x1b: "future.drop-writable", 0x1c: "error-context.new",
        0x1d: "error-context.debug-message", 0x1e: "error-context.drop", 0x1f: "waitable-set.new",
        0x20: "waitable-set.wait", 0x21: "waitable-set.poll", 0x22: "waitable-set.drop", 0x23: "waitable.join",
        0x24: "backpressure.inc", 0x25: "backpressure.dec", 0x26: "thread.index", 0x27: "thread.new-indirect",
        0x28: "thread.resume-later", 0x29: "thread.suspend", 0x2a: "thread.suspend-then-resume",
        0x2b: "thread.yield-then-resume", 0x2c: "thread.suspend-then-promote", 0x2d: "thread.yield-then-promote",
        0x40: "thread.spawn-ref", 0x41: "thread.spawn-indirect", 0x42: "thread.available-parallelism",
    ]
}
