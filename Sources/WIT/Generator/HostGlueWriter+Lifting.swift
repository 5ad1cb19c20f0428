extension HostGlueWriter {
    /// Where a value that the guest passes is found.
    enum Place {
        /// Flat parameters, from this index on.
        case flat(Position)
        /// A checked range of memory.
        case memory(view: String, Position)
    }

    /// A core value as an unsigned integer of `size` bytes, at least.
    func word(_ place: Place, _ size: Int) -> String {
        switch place {
        case .flat(let index): size == 8 ? "call.i64(\(index.text))" : "call.i32(\(index.text))"
        case .memory(let view, let offset): "\(view).u\(size * 8)(\(offset.text))"
        }
    }

    /// Writes the statements that lift a value; returns the expression of it.
    mutating func lift(
        _ type: WITType, _ place: Place, hint: String, isWholeParameter: Bool = false
    ) -> Expression {
        let type = self.model.expanded(type)
        switch type {
        case .primitive(let primitive): return self.lift(primitive, place, hint: hint)
        case .own(let id), .borrow(let id):
            var label = "borrowed"
            if case .own = type { label = "owned" }
            let handleType = self.context.resourceType(id, from: self.scope)
            let expression =
                "call.resource(\(label): \(self.word(place, 4)), \(handleType), "
                + "as: \(self.context.resourceClass(id)).self)"
            return self.bind(Expression(expression, isThrowing: true), hint)
        case .list(let element):
            let (pointer, length) = self.pair(place)
            if self.context.isByte(element) {
                let bytes = "call.bytes(\(pointer), \(length))"
                return self.bind(Expression(isWholeParameter ? bytes : bytes + ".copied()", isThrowing: true), hint)
            }
            return self.liftList(of: element, pointer, length, hint: hint)
        case .option(let wrapped):
            let name = self.unique(hint)
            self.writer.line("let \(name): \(self.context.swiftType(type, .nestedParameter, in: nil))")
            self.writeSwitch(place, [("nil", nil), ("", wrapped)], named: "option", into: name)
            return Expression(name)
        case .result(let success, let failure):
            let name = self.unique(hint)
            self.writer.line("let \(name): \(self.context.swiftType(type, .nestedParameter, in: nil))")
            self.writeSwitch(place, [(".ok", success), (".error", failure)], named: "result", into: name)
            return Expression(name)
        case .tuple(let elements):
            let places = self.places(of: elements, in: place)
            let values = zip(elements, places).enumerated().map { index, pair in
                self.lift(pair.0, pair.1, hint: "\(hint)\(index)")
            }
            return Expression(
                "(\(values.map(\.text).joined(separator: ", ")))", isThrowing: values.contains(where: \.isThrowing))
        case .named(let id):
            let name = self.context.qualifiedName(id)
            let isThrowing = self.context.liftThrows(type)
            switch place {
            case .flat(let index):
                return self.bind(Expression("\(name).lift(call, at: \(index.text))", isThrowing: isThrowing), hint)
            case .memory(let view, let offset):
                return self.bind(
                    Expression("\(name).load(\(view), at: \(offset.text), in: call)", isThrowing: isThrowing), hint)
            }
        case .map(let key, let value): return self.lift(.list(.tuple([key, value])), place, hint: hint)
        case .stream, .future:
            return self.bind(Expression(self.extraction(of: type, self.word(place, 4)), isThrowing: true), hint)
        case .fixedList: return Expression("()")
        }
    }

    /// Gives a throwing expression a name, so that what is left can stand anywhere.
    private mutating func bind(_ expression: Expression, _ hint: String) -> Expression {
        guard expression.isThrowing else { return expression }
        let name = self.unique(hint)
        let text = expression.text
        // The last parenthesis opens the arguments of an initializer or method: break there when too long.
        if let open = text.firstIndex(of: "("), text.hasSuffix(")"), !text.hasSuffix("()") {
            let arguments = Self.split(text[text.index(after: open)...].dropLast())
            self.writer.call("let \(name) = try \(text[...open])", arguments)
        } else {
            self.writer.line("let \(name) = \(expression.tried)")
        }
        return Expression(name)
    }

    /// The arguments of a call; commas inside parentheses do not part them.
    private static func split(_ text: Substring) -> [String] {
        var parts: [String] = []
        var current = ""
        var depth = 0
        for character in text {
            if character == "," && depth == 0 {
                parts.append(current)
                current = ""
                continue
            }
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if current.isEmpty, character == " " { continue }
            current.append(character)
        }
        return parts + [current]
    }

    private mutating func lift(_ primitive: PrimitiveType, _ place: Place, hint: String) -> Expression {
        let size = self.model.layout(of: .primitive(primitive)).size
        var isFlat = false
        if case .flat = place { isFlat = true }
        switch primitive {
        case .bool: return Expression("\(self.word(place, 1)) != 0")
        case .u8, .u16:
            let word = self.word(place, size)
            return Expression(isFlat ? "UInt\(size * 8)(truncatingIfNeeded: \(word))" : word)
        case .s8, .s16:
            let conversion = isFlat ? "truncatingIfNeeded" : "bitPattern"
            return Expression("Int\(size * 8)(\(conversion): \(self.word(place, size)))")
        case .u32, .u64: return Expression(self.word(place, size))
        case .s32, .s64: return Expression("Int\(size * 8)(bitPattern: \(self.word(place, size)))")
        case .f32, .f64:
            switch place {
            case .flat(let index): return Expression("call.f\(size * 8)(\(index.text))")
            case .memory(let view, let offset): return Expression("\(view).f\(size * 8)(\(offset.text))")
            }
        case .char:
            let code = self.unique("\(hint)Code")
            let name = self.unique(hint)
            self.writer.line("let \(code) = \(self.word(place, 4))")
            self.writer.line(
                "guard let \(name) = Unicode.Scalar(\(code)) else { throw GuestFault.invalidChar(\(code)) }")
            return Expression(name)
        case .string:
            let (pointer, length) = self.pair(place)
            return self.bind(Expression("call.string(\(pointer), \(length))", isThrowing: true), hint)
        case .errorContext: return Expression("()")
        }
    }

    private func pair(_ place: Place) -> (pointer: String, length: String) {
        switch place {
        case .flat(let index): (self.word(place, 4), self.word(.flat(index + 1), 4))
        case .memory(let view, let offset): (self.word(place, 4), self.word(.memory(view: view, offset + 4), 4))
        }
    }

    private mutating func liftList(of element: WITType, _ pointer: String, _ length: String, hint: String) -> Expression
    {
        let layout = self.model.layout(of: element)
        let name = self.unique(hint)
        let count = self.unique("\(hint)Count")
        let view = self.unique("\(hint)View")
        self.writer.line("let \(count) = \(length)")
        self.writer.call(
            "let \(view) = try call.list(",
            [pointer, count, "elementSize: \(layout.size)", "alignment: \(layout.alignment)"])
        self.writer.line("var \(name): [\(self.context.swiftType(element, .nestedParameter, in: nil))] = []")
        self.writer.line("\(name).reserveCapacity(Int(\(count)))")
        self.block {
            let index = $0.unique("index")
            let base = $0.unique("offset")
            $0.writer.open("for \(index) in 0..<Int(\(count)) {")
            $0.writer.line("let \(base) = \(index) * \(layout.size)")
            let value = $0.lift(element, .memory(view: view, Position(base, 0)), hint: "element")
            $0.writer.line("\(name).append(\(value.text))")
            $0.writer.close()
        }
        return Expression(name)
    }

    /// Where the elements of a tuple or record are.
    private func places(of types: [WITType], in place: Place) -> [Place] {
        switch place {
        case .flat(let index):
            var next = index
            return types.map { type in
                defer { next = next + self.model.flat(type).count }
                return .flat(next)
            }
        case .memory(let view, let offset):
            return self.model.offsets(ofFields: types).map { .memory(view: view, offset + $0) }
        }
    }

    /// Reads a discriminant and the payload of its case; `name` is assigned, or the value returned when it is nil.
    private mutating func writeSwitch(
        _ place: Place, _ cases: [(name: String, payload: WITType?)], named typeName: String, into name: String?
    ) {
        let size = ResolvedModel.discriminantSize(cases: cases.count)
        let payloadPlace: Place
        let word: String
        switch place {
        case .flat(let index):
            payloadPlace = .flat(index + 1)
            word = self.word(place, size)
        case .memory(let view, let offset):
            payloadPlace = .memory(view: view, offset + self.model.payloadOffset(ofCases: cases.map(\.payload)))
            word = size == 4 ? self.word(place, size) : "UInt32(\(self.word(place, size)))"
        }
        let discriminant = self.unique("discriminant")
        self.writer.line("let \(discriminant) = \(word)")
        self.writer.line("switch \(discriminant) {")
        for (index, member) in cases.enumerated() {
            self.block {
                $0.writer.open("case \(index):")
                var value = member.name
                if let payload = member.payload {
                    let lifted = $0.lift(payload, payloadPlace, hint: "payload")
                    value = member.name.isEmpty ? lifted.text : "\(member.name)(\(lifted.text))"
                }
                $0.writer.line(name.map { "\($0) = \(value)" } ?? "return \(value)")
                $0.writer.indent(by: -1)
            }
        }
        self.writer.open("default:")
        self.writer.line(
            "throw GuestFault.invalidDiscriminant(\(discriminant), of: \"\(typeName)\", cases: \(cases.count))")
        self.writer.close()
    }

    // MARK: Definitions

    /// `lift` (from flat parameters) and `load` (from memory) of a definition.
    mutating func writeLifting(_ id: TypeID) {
        let throwing = self.context.liftThrows(.named(id)) ? " throws" : ""
        self.beginScope("index")
        self.writer.open("static func lift(_ call: borrowing HostCall, at index: Int)\(throwing) -> Self {")
        self.writeLiftingBody(id, .flat(Position("index", 0)))
        self.writer.close()
        self.writer.line()
        self.beginScope("view", "offset")
        self.writer.call(
            "static func load(",
            ["_ view: GuestMemoryView", "at offset: Int", "in call: borrowing HostCall"], ")\(throwing) -> Self {",
            closesOnOwnLine: true)
        self.writer.indent(by: 1)
        self.writeLiftingBody(id, .memory(view: "view", Position("offset", 0)))
        self.writer.close()
    }

    private mutating func writeLiftingBody(_ id: TypeID, _ place: Place) {
        let definition = self.model[id]
        switch definition.kind {
        case .record(let fields):
            let types = fields.compactMap(\.type)
            var arguments: [String] = []
            for (field, (type, fieldPlace)) in zip(fields, zip(types, self.places(of: types, in: place))) {
                let value = self.lift(type, fieldPlace, hint: SwiftNames.lowerCamel(field.name))
                arguments.append("\(SwiftNames.argumentLabel(field.name)): \(value.text)")
            }
            self.writer.call("return Self(", arguments)
        case .variant(let cases):
            let members = cases.map { (name: ".\(SwiftNames.identifier($0.name))", payload: $0.type) }
            self.writeSwitch(place, members, named: definition.name, into: nil)
        case .enumeration(let cases):
            let size = ResolvedModel.discriminantSize(cases: cases.count)
            let raw = "UInt\(size * 8)"
            let word = self.word(place, size)
            var condition = "let value = Self(rawValue: discriminant)"
            if case .flat = place, size < 4 {
                condition = "let raw = \(raw)(exactly: discriminant), let value = Self(rawValue: raw)"
            }
            self.writer.line("let discriminant = \(word)")
            self.writer.open("guard \(condition) else {")
            var number = "discriminant"
            if case .memory = place, size < 4 { number = "UInt32(discriminant)" }
            self.writer.line(
                "throw GuestFault.invalidDiscriminant(\(number), of: \"\(definition.name)\", cases: \(cases.count))")
            self.writer.close()
            self.writer.line("return value")
        case .flags(let flags):
            let size = self.model.layout(of: .named(id)).size
            var word = self.word(place, size)
            if case .flat = place, size < 4 { word = "UInt\(size * 8)(truncatingIfNeeded: \(word))" }
            // Bits without a flag are ignored.
            let mask = flags.count == size * 8 ? "" : " & 0x\(String((UInt64(1) << flags.count) - 1, radix: 16))"
            self.writer.line("return Self(rawValue: \(word)\(mask))")
        case .alias, .resource: break
        }
    }
}
