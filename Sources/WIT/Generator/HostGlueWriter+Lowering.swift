extension HostGlueWriter {
    /// Statements that wait until the view that they write through is made.
    ///
    /// Strings and lists are lowered first: that calls the guest's allocator, which may move its memory.
    typealias Pending = (inout HostGlueWriter, _ view: String) -> Void

    /// Writes `value` at `pointer`: what allocates first, then a view, then the rest.
    mutating func writeStoreAll(_ type: WITType, _ value: String, pointer: String) {
        let expanded = self.model.expanded(type)
        let isBranching: Bool
        switch expanded {
        case .option, .result: isBranching = self.context.allocates(expanded)
        case .named: isBranching = self.context.allocates(expanded)
        default: isBranching = false
        }
        let pending = self.prepare(type, value, pointer: pointer, offset: 0)
        guard !isBranching else { return }
        self.writeView(type, pointer: pointer, pending)
    }

    private mutating func writeView(_ type: WITType, pointer: String, _ pending: [Pending]) {
        guard !pending.isEmpty else { return }
        let layout = self.model.layout(of: type)
        let view = self.unique("view")
        self.writer.call(
            "let \(view) = try call.view(",
            [pointer, "size: \(layout.size)", "alignment: \(layout.alignment)"])
        for write in pending { write(&self, view) }
    }

    /// Writes what allocates in `value`; returns what is left to write through a view of `pointer`.
    private mutating func prepare(_ type: WITType, _ value: String, pointer: String, offset: Int) -> [Pending] {
        let type = self.model.expanded(type)
        guard self.context.allocates(type) else {
            return [{ $0.writeSet(type, value, view: $1, Position(nil, offset)) }]
        }
        switch type {
        case .primitive(.string): return self.prepareLowered(value, offset)
        case .list(let element):
            return self.context.isByte(element)
                ? self.prepareLowered(value, offset) : self.prepareList(of: element, value, offset)
        case .map(let key, let mapped): return self.prepareList(of: .tuple([key, mapped]), value, offset)
        case .tuple(let elements):
            var pending: [Pending] = []
            for (index, (element, at)) in zip(elements, self.model.offsets(ofFields: elements)).enumerated() {
                let elementValue = elements.count == 1 ? value : "\(value).\(index)"
                pending += self.prepare(element, elementValue, pointer: pointer, offset: offset + at)
            }
            return pending
        case .option(let wrapped):
            let place = self.place(pointer, offset)
            self.block {
                let some = $0.unique("some")
                $0.writer.open("if let \(some) = \(value) {")
                $0.writeCase(1, wrapped, some, in: type, [nil, wrapped], pointer: place)
            }
            self.writer.middle("} else {")
            self.block { $0.writeCase(0, nil, "", in: type, [nil, wrapped], pointer: place) }
            self.writer.close()
            return []
        case .result(let success, let failure):
            let place = self.place(pointer, offset)
            self.writer.line("switch \(value) {")
            for (index, (name, payload)) in [("ok", success), ("error", failure)].enumerated() {
                self.block {
                    let binding = payload == nil ? "" : $0.unique(name)
                    $0.writer.open("case .\(name)\(payload == nil ? "" : "(let \(binding))"):")
                    $0.writeCase(index, payload, binding, in: type, [success, failure], pointer: place)
                    $0.writer.indent(by: -1)
                }
            }
            self.writer.line("}")
            return []
        case .named:
            self.writer.line("try \(value).store(at: \(self.address(pointer, offset)), in: call)")
            return []
        case .primitive, .own, .borrow, .fixedList, .future, .stream: return []
        }
    }

    private func address(_ pointer: String, _ offset: Int) -> String {
        offset == 0 ? pointer : "\(pointer) &+ \(offset)"
    }

    /// A name for the address, where it is not one already.
    private mutating func place(_ pointer: String, _ offset: Int) -> String {
        guard offset != 0 else { return pointer }
        let name = self.unique("place")
        self.writer.line("let \(name) = \(self.address(pointer, offset))")
        return name
    }

    private mutating func prepareLowered(_ value: String, _ offset: Int) -> [Pending] {
        let lowered = self.unique("lowered")
        self.writer.line("let \(lowered) = try call.lower(\(value))")
        return [self.setPair("\(lowered).pointer", "\(lowered).length", offset)]
    }

    private func setPair(_ pointer: String, _ length: String, _ offset: Int) -> Pending {
        { writer, view in
            writer.writer.line("\(view).set(u32: \(pointer), at: \(offset))")
            writer.writer.line("\(view).set(u32: \(length), at: \(offset + 4))")
        }
    }

    private mutating func prepareList(of element: WITType, _ value: String, _ offset: Int) -> [Pending] {
        let layout = self.model.layout(of: element)
        var list = value
        if value.contains(".") {
            list = self.unique("list")
            self.writer.line("let \(list) = \(value)")
        }
        let pointer = self.unique("elements")
        self.writer.call(
            "let \(pointer) = try call.allocate(",
            ["size: \(list).count * \(layout.size)", "alignment: \(layout.alignment)"])
        let size = layout.size
        if self.context.allocates(element) {
            self.block {
                let (index, item, at) = ($0.unique("index"), $0.unique("element"), $0.unique("place"))
                $0.writer.open("for (\(index), \(item)) in \(list).enumerated() {")
                $0.writer.line("let \(at) = \(pointer) &+ UInt32(truncatingIfNeeded: \(index) * \(size))")
                $0.writeStoreAll(element, item, pointer: at)
                $0.writer.close()
            }
        } else {
            let view = self.unique("elementsView")
            self.writer.call(
                "let \(view) = try call.view(",
                [pointer, "size: \(list).count * \(size)", "alignment: \(layout.alignment)"])
            self.block {
                let (index, item, at) = ($0.unique("index"), $0.unique("element"), $0.unique("offset"))
                $0.writer.open("for (\(index), \(item)) in \(list).enumerated() {")
                $0.writer.line("let \(at) = \(index) * \(size)")
                $0.writeSet(element, item, view: view, Position(at, 0))
                $0.writer.close()
            }
        }
        return [self.setPair(pointer, "UInt32(truncatingIfNeeded: \(list).count)", offset)]
    }

    /// One case of a variant that allocates, with a view of its own.
    private mutating func writeCase(
        _ index: Int, _ payload: WITType?, _ value: String, in type: WITType, _ cases: [WITType?], pointer: String
    ) {
        let size = ResolvedModel.discriminantSize(cases: cases.count) * 8
        var pending: [Pending] = [{ $0.writer.line("\($1).set(u\(size): \(index), at: 0)") }]
        if let payload {
            let offset = self.model.payloadOffset(ofCases: cases)
            pending += self.prepare(payload, value, pointer: pointer, offset: offset)
        }
        self.writeView(type, pointer: pointer, pending)
    }

    // MARK: Values that do not allocate

    /// Writes `value` through `view`.
    private mutating func writeSet(_ type: WITType, _ value: String, view: String, _ offset: Position) {
        let type = self.model.expanded(type)
        switch type {
        case .primitive(let primitive): self.writeSet(primitive, value, view: view, offset)
        case .own(let id), .borrow(let id):
            let handle = "call.insert(\(value), \(self.context.resourceType(id, from: self.scope)))"
            self.writer.call("try \(view).set(", ["u32: \(handle)", "at: \(offset.text)"])
        case .future, .stream:
            self.writer.call("try \(view).set(", ["u32: \(self.insertion(of: type, value))", "at: \(offset.text)"])
        case .tuple(let elements):
            for (index, (element, at)) in zip(elements, self.model.offsets(ofFields: elements)).enumerated() {
                let elementValue = elements.count == 1 ? value : "\(value).\(index)"
                self.writeSet(element, elementValue, view: view, offset + at)
            }
        case .option(let wrapped):
            self.block {
                let some = $0.unique("some")
                $0.writer.open("if let \(some) = \(value) {")
                $0.writer.line("\(view).set(u8: 1, at: \(offset.text))")
                $0.writeSet(wrapped, some, view: view, offset + $0.model.payloadOffset(ofCases: [nil, wrapped]))
            }
            self.writer.middle("} else {")
            self.writer.line("\(view).set(u8: 0, at: \(offset.text))")
            self.writer.close()
        case .result(let success, let failure):
            self.writer.line("switch \(value) {")
            for (index, (name, payload)) in [("ok", success), ("error", failure)].enumerated() {
                self.block {
                    let binding = payload == nil ? "" : $0.unique(name)
                    $0.writer.open("case .\(name)\(payload == nil ? "" : "(let \(binding))"):")
                    $0.writer.line("\(view).set(u8: \(index), at: \(offset.text))")
                    if let payload {
                        let at = offset + $0.model.payloadOffset(ofCases: [success, failure])
                        $0.writeSet(payload, binding, view: view, at)
                    }
                    $0.writer.indent(by: -1)
                }
            }
            self.writer.line("}")
        case .named:
            let prefix = self.context.storeThrows(type) ? "try " : ""
            self.writer.line("\(prefix)\(value).store(to: \(view), at: \(offset.text), in: call)")
        case .list, .fixedList, .map: break
        }
    }

    private mutating func writeSet(_ primitive: PrimitiveType, _ value: String, view: String, _ offset: Position) {
        let argument: String
        switch primitive {
        case .bool: argument = "u8: \(value) ? 1 : 0"
        case .u8: argument = "u8: \(value)"
        case .u16: argument = "u16: \(value)"
        case .u32: argument = "u32: \(value)"
        case .u64: argument = "u64: \(value)"
        case .s8: argument = "u8: UInt8(bitPattern: \(value))"
        case .s16: argument = "u16: UInt16(bitPattern: \(value))"
        case .s32: argument = "u32: UInt32(bitPattern: \(value))"
        case .s64: argument = "u64: UInt64(bitPattern: \(value))"
        case .f32: argument = "f32: \(value)"
        case .f64: argument = "f64: \(value)"
        case .char: argument = "u32: \(value).value"
        case .string, .errorContext: return
        }
        self.writer.line("\(view).set(\(argument), at: \(offset.text))")
    }

    // MARK: Definitions

    /// `store` of a definition: at an address when it allocates, through the caller's view otherwise.
    mutating func writeLowering(_ id: TypeID) {
        let type = WITType.named(id)
        let throwing = self.context.storeThrows(type) ? " throws" : ""
        guard self.context.allocates(type) else {
            self.beginScope("view", "offset")
            self.writer.call(
                "func store(", ["to view: GuestMemoryView", "at offset: Int", "in call: borrowing HostCall"],
                ")\(throwing) {", closesOnOwnLine: true)
            self.writer.indent(by: 1)
            self.writeSetBody(id)
            self.writer.close()
            return
        }
        self.beginScope("pointer")
        self.writer.open("func store(at pointer: UInt32, in call: borrowing HostCall) throws {")
        switch self.model[id].kind {
        case .record(let fields):
            let types = fields.compactMap(\.type)
            var pending: [Pending] = []
            for (field, (type, at)) in zip(fields, zip(types, self.model.offsets(ofFields: types))) {
                let value = "self.\(SwiftNames.lowerCamel(field.name))"
                pending += self.prepare(type, value, pointer: "pointer", offset: at)
            }
            self.writeView(type, pointer: "pointer", pending)
        case .variant(let cases):
            self.writer.line("switch self {")
            for (index, member) in cases.enumerated() {
                self.block {
                    let binding = member.type == nil ? "" : $0.unique("payload")
                    let pattern = member.type == nil ? "" : "(let \(binding))"
                    $0.writer.open("case .\(SwiftNames.identifier(member.name))\(pattern):")
                    $0.writeCase(index, member.type, binding, in: type, cases.map(\.type), pointer: "pointer")
                    $0.writer.indent(by: -1)
                }
            }
            self.writer.line("}")
        case .alias, .enumeration, .flags, .resource: break
        }
        self.writer.close()
    }

    private mutating func writeSetBody(_ id: TypeID) {
        let offset = Position("offset", 0)
        let size = self.model.layout(of: .named(id)).size * 8
        switch self.model[id].kind {
        case .record(let fields):
            let types = fields.compactMap(\.type)
            for (field, (type, at)) in zip(fields, zip(types, self.model.offsets(ofFields: types))) {
                self.writeSet(type, "self.\(SwiftNames.lowerCamel(field.name))", view: "view", offset + at)
            }
        case .variant(let cases):
            let discriminant = ResolvedModel.discriminantSize(cases: cases.count) * 8
            let at = offset + self.model.payloadOffset(ofCases: cases.map(\.type))
            self.writer.line("switch self {")
            for (index, member) in cases.enumerated() {
                self.block {
                    let binding = member.type == nil ? "" : $0.unique("payload")
                    let pattern = member.type == nil ? "" : "(let \(binding))"
                    $0.writer.open("case .\(SwiftNames.identifier(member.name))\(pattern):")
                    $0.writer.line("view.set(u\(discriminant): \(index), at: offset)")
                    if let payload = member.type { $0.writeSet(payload, binding, view: "view", at) }
                    $0.writer.indent(by: -1)
                }
            }
            self.writer.line("}")
        case .enumeration, .flags: self.writer.line("view.set(u\(size): self.rawValue, at: offset)")
        case .alias, .resource: break
        }
    }
}
