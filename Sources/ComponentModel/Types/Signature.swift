/// The canonical text of types, by which host bindings and components are compared.
///
/// Parameter names are left out, everything structural is expanded, resources stand by identity:
/// `(borrow<wasi:io/streams.input-stream>, u64) -> result<list<u8>>`.
package struct SignatureWriter {
    private let resourceNames: [String]
    private(set) var text = ""

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
        if type.isAsync { self.text += "async " }
        self.text += "("
        self.list(type.parameters) { writer, parameter in writer.write(parameter.type) }
        self.text += ")"
        if let result = type.result {
            self.text += " -> "
            self.write(result)
        }
    }

    package mutating func write(_ type: ValueType) {
        switch type {
        case .bool: self.text += "bool"
        case .s8: self.text += "s8"
        case .u8: self.text += "u8"
        case .s16: self.text += "s16"
        case .u16: self.text += "u16"
        case .s32: self.text += "s32"
        case .u32: self.text += "u32"
        case .s64: self.text += "s64"
        case .u64: self.text += "u64"
        case .f32: self.text += "f32"
        case .f64: self.text += "f64"
        case .char: self.text += "char"
        case .string: self.text += "string"
        case .errorContext: self.text += "error-context"
        case .list(let element): self.wrap("list", element)
        case .fixedList(let element, let count):
            self.text += "list<"
            self.write(element)
            self.text += ", \(count)>"
        case .record(let fields):
            self.text += "record{"
            self.list(fields) { writer, field in
                writer.text += "\(field.name): "
                writer.write(field.type)
            }
            self.text += "}"
        case .variant(let cases):
            self.text += "variant{"
            self.list(cases) { writer, `case` in
                writer.text += `case`.name
                guard let type = `case`.type else { return }
                writer.text += "("
                writer.write(type)
                writer.text += ")"
            }
            self.text += "}"
        case .tuple(let types):
            self.text += "tuple<"
            self.list(types) { writer, type in writer.write(type) }
            self.text += ">"
        case .flags(let labels): self.text += "flags{\(labels.joined(separator: ", "))}"
        case .enum(let labels): self.text += "enum{\(labels.joined(separator: ", "))}"
        case .option(let type): self.wrap("option", type)
        case .result(nil, nil): self.text += "result"
        case .result(let ok?, nil): self.wrap("result", ok)
        case .result(let ok, let error?):
            self.text += "result<"
            if let ok { self.write(ok) } else { self.text += "_" }
            self.text += ", "
            self.write(error)
            self.text += ">"
        case .own(let resource): self.text += "own<\(self.name(of: resource))>"
        case .borrow(let resource): self.text += "borrow<\(self.name(of: resource))>"
        case .stream(let type): self.wrap("stream", type)
        case .future(let type): self.wrap("future", type)
        }
    }

    private mutating func wrap(_ constructor: String, _ type: ValueType?) {
        self.text += constructor
        guard let type else { return }
        self.text += "<"
        self.write(type)
        self.text += ">"
    }

    private mutating func list<Element>(_ elements: [Element], _ write: (inout SignatureWriter, Element) -> Void) {
        var isFirst = true
        for element in elements {
            if !isFirst { self.text += ", " }
            isFirst = false
            write(&self, element)
        }
    }

    private func name(of resource: ResourceID) -> String {
        self.resourceNames.indices.contains(resource.index) ? self.resourceNames[resource.index] : "?"
    }
}
