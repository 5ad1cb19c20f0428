import WasmEngine

/// The name section of the merged module: functions under the names of the modules that they are from.
///
/// A backtrace splits them again; see ``WasmEngine/Trap/Frame``.
struct MergedNames {
    private let parts: [ModuleMerger.Part]
    /// Each function bears its module's name, so that must not be long.
    private static let maximumModuleName = 64

    init(_ parts: [ModuleMerger.Part]) {
        self.parts = parts
    }

    func write(to output: MergedBinary) {
        output.byte(0)
        let section = output.beginLength()
        output.name("name")
        output.byte(0)
        let module = output.beginLength()
        output.name(Trap.Frame.mergedModule)
        output.endLength(module)
        output.byte(1)
        let functions = output.beginLength()
        output.u32(UInt32(self.parts.reduce(0) { $0 + $1.layout.functions.count - $1.layout.importedFunctions }))
        for part in self.parts { self.functions(of: part, to: output) }
        output.endLength(functions)
        output.endLength(section)
    }

    private func functions(of part: ModuleMerger.Part, to output: MergedBinary) {
        let prefix = Array((part.name.map { Self.shortened($0) } ?? "").utf8) + [Trap.Frame.mergedSeparator]
        var names = FunctionNames(part.layout.functionNames)
        for index in part.layout.importedFunctions..<part.layout.functions.count {
            output.u32(part.maps.functions[index])
            // A function without a name keeps the number that it had.
            if let name = names.name(of: UInt32(index)) {
                output.u32(UInt32(prefix.count + name.count))
                output.append(prefix)
                output.copy(name)
            } else {
                let name = Array(Trap.Frame.unnamed(UInt32(index)).utf8)
                output.u32(UInt32(prefix.count + name.count))
                output.append(prefix)
                output.append(name)
            }
        }
    }

    private static func shortened(_ name: String) -> String {
        var short = ""
        for character in name where short.utf8.count + character.utf8.count <= Self.maximumModuleName {
            short.append(character)
        }
        return short
    }
}

/// Names of functions, asked for in ascending order as they are written.
private struct FunctionNames {
    private var reader: ByteReader?
    private var left = 0
    private var next: (index: UInt32, name: UnsafeRawBufferPointer)?

    init(_ map: ByteReader?) {
        guard var reader = map, let count = try? reader.count() else { return }
        self.reader = reader
        self.left = count
        self.advance()
    }

    /// What cannot be read is the end: names are only for messages.
    private mutating func advance() {
        self.next = nil
        guard self.left > 0, var reader = self.reader else { return }
        self.left -= 1
        guard let index = try? reader.u32(), let length = try? reader.u32(), let name = try? reader.section(Int(length))
        else { return }
        self.reader = reader
        self.next = (index, UnsafeRawBufferPointer(rebasing: name.bytes[name.offset..<name.end]))
    }

    mutating func name(of index: UInt32) -> UnsafeRawBufferPointer? {
        while let next = self.next, next.index < index { self.advance() }
        guard let next = self.next, next.index == index else { return nil }
        return next.name
    }
}
