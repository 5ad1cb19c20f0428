/// How types are spelled in Swift.
extension BindingsContext {
    /// The Swift type of a value; `interface` is where it is spelled: its own types need no namespace there.
    func swiftType(_ type: WITType, _ position: Position, in interface: InterfaceID?) -> String {
        let nested: Position = position == .result ? .result : .nestedParameter
        switch self.model.expanded(type) {
        case .primitive(let primitive): return Self.swiftType(primitive)
        case .own(let id), .borrow(let id): return self.resourceClass(id)
        case .list(let element):
            if self.isByte(element) {
                return position == .parameter ? "GuestBytes" : position == .result ? "any HostBytes" : "[UInt8]"
            }
            return "[\(self.swiftType(element, nested, in: interface))]"
        case .option(let wrapped):
            let inner = self.swiftType(wrapped, nested, in: interface)
            return inner.hasPrefix("any ") ? "(\(inner))?" : "\(inner)?"
        case .result(let success, let failure):
            let ok = success.map { self.swiftType($0, nested, in: interface) } ?? "Void"
            let error = failure.map { self.swiftType($0, nested, in: interface) } ?? "Void"
            return "WITResult<\(ok), \(error)>"
        case .tuple(let elements):
            return "(\(elements.map { self.swiftType($0, nested, in: interface) }.joined(separator: ", ")))"
        case .named(let id):
            guard case .interface(let owner) = self.model[id].owner, owner == interface else {
                return self.qualifiedName(id)
            }
            return SwiftNames.type(self.model[id].name)
        case .map(let key, let value):
            return "[(\([key, value].map { self.swiftType($0, nested, in: interface) }.joined(separator: ", ")))]"
        case .stream(let element?) where self.isByte(element): return "ByteStream"
        case .stream(let element): return "ElementStream<\(self.elementType(element, in: interface))>"
        case .future(let value): return "ElementFuture<\(self.elementType(value, in: interface))>"
        case .fixedList: return "Never"
        }
    }

    /// The Swift type of what goes through a stream or future: as in parameters, whoever writes it.
    func elementType(_ type: WITType?, in interface: InterfaceID?) -> String {
        type.map { self.swiftType($0, .nestedParameter, in: interface) } ?? "Void"
    }

    /// How members of a definition are spelled: as in parameters when it occurs in one.
    func memberPosition(_ id: TypeID) -> Position { self.inParameters.contains(id) ? .nestedParameter : .result }

    private static func swiftType(_ primitive: PrimitiveType) -> String {
        switch primitive {
        case .bool: "Bool"
        case .s8: "Int8"
        case .u8: "UInt8"
        case .s16: "Int16"
        case .u16: "UInt16"
        case .s32: "Int32"
        case .u32: "UInt32"
        case .s64: "Int64"
        case .u64: "UInt64"
        case .f32: "Float"
        case .f64: "Double"
        case .char: "Unicode.Scalar"
        case .string: "String"
        case .errorContext: "Never"
        }
    }
}
