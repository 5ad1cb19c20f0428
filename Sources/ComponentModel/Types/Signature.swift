/// The canonical text of types, by which host bindings and components are compared.
///
/// Parameter names are left out, everything structural is expanded, resources stand by identity:
/// `(borrow<wasi:io/streams.input-stream>, u64) -> result<list<u8>>`.
package struct SignatureWriter {
    private let resourceNames: [String]
    private(set) var text = ""
    /// More than ``Limits/signatureBytes`` were asked for; the text is not complete.
    private(set) var isTooLong = false

    /// `resourceNames[n]` is the identity of `ResourceID(n)`.
    package init(resourceNames: [String]) {
        self.resourceNames = resourceNames
    }

    package static func signature(of type: ComponentFunctionType, resourceNames: [String]) -> String {
        var writer = SignatureWriter(resourceNames: resourceNames)
        writer.write(type)
        return writer.text
    }

    /// The text of a value type; empty for none.
    package static func signature(of type: ValueType?, resourceNames: [String]) -> String {
        guard let type else { return "" }
        var writer = SignatureWriter(resourceNames: resourceNames)
        writer.write(type)
        return writer.text
    }

    package mutating func write(_ type: ComponentFunctionType) {
        if type.isAsync { self.append("async ") }
        self.append("(")
        self.list(type.parameters) { writer, parameter in writer.write(parameter.type) }
        self.append(")")
        if let result = type.result {
            self.append(" -> ")
            self.write(result)
        }
    }

    package mutating func write(_ type: ValueType) {
        guard !self.isTooLong else { return }
        switch type {
        case .bool: self.append("bool")
        case .s8: self.append("s8")
        case .u8: self.append("u8")
        case .s16: self.append("s16")
        case .u16: self.append("u16")
        case .s32: self.append("s32")
        case .u32: self.append("u32")
        case .s64: self.append("s64")
        case .u64: self.append("u64")
        case .f32: self.append("f32")
        case .f64: self.append("f64")
        case .char: self.append("char")
        case .string: self.append("string")
        case .errorContext: self.append("error-context")
        case .list(let element): self.wrap("list", element)
        case .fixedList(let element, let count):
            self.append("list<")
            self.write(element)
            self.append(", \(count)>")
        case .record(let fields):
            self.append("record{")
            self.list(fields) { writer, field in
                writer.append("\(field.name): ")
                writer.write(field.type)
            }
            self.append("}")
        case .variant(let cases):
            self.append("variant{")
            self.list(cases) { writer, `case` in
                writer.append(`case`.name)
                guard let type = `case`.type else { return }
                writer.append("(")
                writer.write(type)
                writer.append(")")
            }
            self.append("}")
        case .tuple(let types):
            self.append("tuple<")
            self.list(types) { writer, type in writer.write(type) }
            self.append(">")
        case .flags(let labels): self.write("flags", labels)
        case .enum(let labels): self.write("enum", labels)
        case .option(let type): self.wrap("option", type)
        case .result(nil, nil): self.append("result")
        case .result(let ok?, nil): self.wrap("result", ok)
        case .result(let ok, let error?):
            self.append("result<")
            if let ok { self.write(ok) } else { self.append("_") }
            self.append(", ")
            self.write(error)
            self.append(">")
        case .own(let resource): self.append("own<\(self.name(of: resource))>")
        case .borrow(let resource): self.append("borrow<\(self.name(of: resource))>")
        case .stream(let type): self.wrap("stream", type)
        case .future(let type): self.wrap("future", type)
        }
    }

    private mutating func append(_ piece: String) {
        guard !self.isTooLong, self.text.utf8.count + piece.utf8.count <= Limits.signatureBytes else {
            self.isTooLong = true
            return
        }
        self.text += piece
    }

    private mutating func write(_ constructor: String, _ labels: [String]) {
        self.append("\(constructor){")
        self.list(labels) { writer, label in writer.append(label) }
        self.append("}")
    }

    private mutating func wrap(_ constructor: String, _ type: ValueType?) {
        self.append(constructor)
        guard let type else { return }
        self.append("<")
        self.write(type)
        self.append(">")
    }

    private mutating func list<Element>(_ elements: [Element], _ write: (inout SignatureWriter, Element) -> Void) {
        var isFirst = true
        for element in elements {
            if !isFirst { self.append(", ") }
            isFirst = false
            write(&self, element)
        }
    }

    private func name(of resource: ResourceID) -> String {
        self.resourceNames.indices.contains(resource.index) ? self.resourceNames[resource.index] : "?"
    }
}
