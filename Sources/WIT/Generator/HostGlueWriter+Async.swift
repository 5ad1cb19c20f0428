/// Functions of type `async`, streams and futures.
extension HostGlueWriter {
    /// The codecs of an interface's streams and futures, in order of their first use.
    struct CodecTable {
        struct Entry {
            let name: String
            /// Nil for a stream or future without a type.
            let element: WITType?
        }

        private(set) var entries: [Entry] = []
        private var indices: [String: Int] = [:]

        /// The name of the codec of an element with this signature.
        mutating func name(_ element: WITType?, signature: String, hint: String) -> String {
            if let index = self.indices[signature] { return self.entries[index].name }
            var name = "\(hint)Codec"
            var number = 1
            while self.entries.contains(where: { $0.name == name }) {
                number += 1
                name = "\(hint)\(number)Codec"
            }
            self.indices[signature] = self.entries.count
            self.entries.append(Entry(name: name, element: element))
            return name
        }
    }

    // MARK: Calls

    /// Lifts, calls, and leaves the answer to the runtime. A synchronous lowering passes up to 16 flat parameters and
    /// maybe a flat result; an asynchronous one up to four, and its result is always in memory.
    mutating func writeAsyncCall(_ function: ResolvedFunction) {
        let sync = self.form(of: function, maximum: ResolvedModel.maximumFlatParameters)
        let async = self.form(of: function, maximum: ResolvedModel.maximumFlatAsyncParameters)
        let answer = self.unique("answer")
        if sync.isSpilled == async.isSpilled {
            let (head, arguments) = self.liftArguments(of: function, sync)
            self.writer.call("let \(answer) = try \(head)", arguments)
        } else {
            let result = function.result.map { self.context.swiftType($0, .result, in: self.interface) } ?? "Void"
            self.writer.declaration("let \(answer):", type: "HostAnswer<\(result)>")
            self.writer.open("if call.isAsync {")
            for form in [async, sync] {
                self.block {
                    let (head, arguments) = $0.liftArguments(of: function, form)
                    $0.writer.call("\(answer) = try \(head)", arguments)
                }
                if form.isSpilled { self.writer.middle("} else {") }
            }
            self.writer.close()
        }
        guard let result = function.result else {
            self.writer.line("try call.complete(\(answer)) { _, _ in }")
            return
        }
        self.writeCompletion(of: answer, result, syncArea: sync.areaIndex, asyncArea: async.areaIndex)
    }

    private mutating func writeCompletion(of answer: String, _ type: WITType, syncArea: Int, asyncArea: Int) {
        let isFlat = self.model.flat(type).count <= ResolvedModel.maximumFlatResults
        let area = self.unique("area")
        let index = "call.i32(\(asyncArea))"
        if isFlat {
            self.writer.line("let \(area) = call.isAsync ? \(index) : 0")
        } else if syncArea == asyncArea {
            self.writer.line("let \(area) = \(index)")
        } else {
            self.writer.line("let \(area) = call.isAsync ? \(index) : call.i32(\(syncArea))")
        }
        // A function and not a closure: what it captures is allocated only where the answer is not there yet.
        let lower = self.unique("lower")
        let result = self.unique("result")
        let swiftType = self.context.swiftType(type, .result, in: self.interface)
        self.writer.call(
            "func \(lower)(", ["_ \(result): \(swiftType)", "_ call: borrowing HostCall"], ") throws {",
            closesOnOwnLine: true)
        self.writer.indent(by: 1)
        if isFlat {
            self.writer.open("if call.isAsync {")
            self.block { $0.writeStoreAll(type, result, pointer: area) }
            self.writer.middle("} else {")
            self.block { $0.writeFlatReturn(type, result) }
            self.writer.close()
        } else {
            self.writeStoreAll(type, result, pointer: area)
        }
        self.writer.close()
        let value = self.unique("value")
        self.writer.open("guard case .ready(let \(value)) = \(answer) else {")
        self.writer.line("return try call.completeLater(\(answer), \(lower))")
        self.writer.close()
        self.writer.line("try \(lower)(\(value), call)")
        self.writer.line("call.completeAtOnce()")
    }

    // MARK: Streams and futures

    /// The expression that takes a stream or future from the guest; it throws.
    mutating func extraction(of type: WITType, _ handle: String) -> String {
        switch type {
        case .stream(let element?) where self.context.isByte(element): "call.byteStream(\(handle))"
        case .stream(let element): "call.stream(\(handle), \(self.codec(element)))"
        case .future(let value): "call.future(\(handle), \(self.codec(value)))"
        default: "()"
        }
    }

    /// The expression that gives a stream or future to the guest, a new handle; it throws.
    mutating func insertion(of type: WITType, _ value: String) -> String {
        switch type {
        case .stream(let element?) where self.context.isByte(element): "call.insert(\(value))"
        case .stream(let payload), .future(let payload): "call.insert(\(value), \(self.codec(payload)))"
        default: "0"
        }
    }

    private mutating func codec(_ element: WITType?) -> String {
        let signature = element.map { self.model.signature(of: $0) } ?? ""
        let hint = self.name(of: element)
        let name = self.codecs.name(
            element, signature: signature, hint: hint.prefix(1).lowercased() + hint.dropFirst())
        return "\(self.context.namespace(of: self.interface)).\(name)"
    }

    /// A word or more for a type: `ResultVoidErrorCode`.
    private func name(of type: WITType?) -> String {
        func join(_ head: String, _ types: WITType?...) -> String { head + types.map(self.name(of:)).joined() }
        switch type {
        case nil: return "Void"
        case .primitive(let primitive): return SwiftNames.upperCamel(primitive.rawValue)
        case .named(let id), .own(let id), .borrow(let id): return SwiftNames.upperCamel(self.model[id].name)
        case .list(let element), .fixedList(let element, _): return join("List", element)
        case .map(let key, let value): return join("Map", key, value)
        case .option(let wrapped): return join("Optional", wrapped)
        case .result(let success, let failure): return join("Result", success, failure)
        case .tuple(let elements): return "Tuple" + elements.map(self.name(of:)).joined()
        case .future(let payload): return join("Future", payload)
        case .stream(let payload): return join("Stream", payload)
        }
    }

    mutating func writeCodecs() {
        guard !self.codecs.entries.isEmpty else { return }
        self.writer.line()
        self.writer.documentation(["How what goes through streams and futures lies in memory."])
        self.writer.open("extension \(self.context.namespace(of: self.interface)) {")
        // A codec may need others.
        var index = 0
        while index < self.codecs.entries.count {
            if index > 0 { self.writer.line() }
            self.writeCodec(self.codecs.entries[index])
            index += 1
        }
        self.writer.close()
    }

    private mutating func writeCodec(_ entry: CodecTable.Entry) {
        let type = self.context.elementType(entry.element, in: self.interface)
        self.writer.open("static let \(entry.name) = ElementCodec<\(type)>(")
        guard let element = entry.element else {
            self.writer.line("signature: \"\", size: 0, alignment: 1, mayAllocate: false,")
            self.writer.line("load: { _, _ in }, store: { _, _, _ in })")
            self.writer.indent(by: -1)
            return
        }
        let layout = self.model.layout(of: element)
        self.writer.literal("signature: ", self.model.signature(of: element), ",")
        self.writer.line(
            "size: \(layout.size), alignment: \(layout.alignment), "
                + "mayAllocate: \(self.context.allocates(element)),")
        self.beginScope("pointer", "view")
        self.writer.open("load: { pointer, call in")
        self.writer.line("let view = try call.view(pointer, size: \(layout.size), alignment: \(layout.alignment))")
        let value = self.lift(element, .memory(view: "view", Position(nil, 0)), hint: "value")
        self.writer.line("return \(value.text)")
        self.writer.close("},")
        self.beginScope("value", "pointer")
        self.writer.open("store: { value, pointer, call in")
        self.writeStoreAll(element, "value", pointer: "pointer")
        self.writer.close("})")
        self.writer.indent(by: -1)
    }
}
