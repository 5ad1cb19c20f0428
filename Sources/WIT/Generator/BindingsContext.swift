/// What all writers of host bindings need to know: the model, what is generated, where each type is used.
struct BindingsContext {
    /// Where a type stands decides how `list<u8>` is spelled.
    enum Position {
        /// A whole parameter: a view of the guest's memory.
        case parameter
        /// Inside a parameter: a copy.
        case nestedParameter
        /// In a result: whatever can copy itself into the guest's memory.
        case result
    }

    let model: ResolvedModel
    /// The interfaces to generate, those that they use types of included, sorted by name.
    let interfaces: [InterfaceID]
    /// Definitions that occur in parameters, and in results.
    private(set) var inParameters: Set<TypeID> = []
    private(set) var inResults: Set<TypeID> = []
    private let resourceClasses: [TypeID: String]
    /// What goes behind a package's name where an older version of it is generated as well.
    private let versionSuffixes: [PackageID: String]

    init(model: ResolvedModel, interfaces: [InterfaceID]) throws(WITError) {
        self.model = model
        var selected = Set(interfaces)
        var waiting = interfaces
        while let id = waiting.popLast() {
            for use in model[id].uses {
                guard case .interface(let owner) = model[use.type].owner, selected.insert(owner).inserted else {
                    continue
                }
                waiting.append(owner)
            }
        }
        self.interfaces = selected.sorted { Self.sortKey($0, model) < Self.sortKey($1, model) }
        self.versionSuffixes = Self.suffixes(self.interfaces, model)
        self.resourceClasses = Self.nameResources(self.interfaces, model, self.versionSuffixes)
        for interface in self.interfaces {
            for function in model[interface].functions {
                try Self.refuseAsync(function)
                for parameter in function.parameters {
                    try self.use(parameter.type, at: function.location) { $0.inParameters.insert($1).inserted }
                }
                if let result = function.result {
                    try self.use(result, at: function.location) { $0.inResults.insert($1).inserted }
                }
            }
        }
    }

    private static func sortKey(_ id: InterfaceID, _ model: ResolvedModel) -> String {
        "\(model[model[id].package].name)/\(model[id].name ?? "")"
    }

    private static func refuseAsync(_ function: ResolvedFunction) throws(WITError) {
        guard function.isAsync else { return }
        throw WITError(
            .unsupported, function.location, "`\(function.name)` is async, which host bindings do not support yet",
            expected: "a function without `async`")
    }

    /// The oldest version of a package has no suffix, `fermyon:spin@2.0.0` beside one has `2`, `wasi:http@0.3.0` has `03`.
    private static func suffixes(_ interfaces: [InterfaceID], _ model: ResolvedModel) -> [PackageID: String] {
        let packages = Dictionary(grouping: Set(interfaces.map { model[$0].package })) { model[$0].name.unversioned }
        var suffixes: [PackageID: String] = [:]
        for versions in packages.values where versions.count > 1 {
            let sorted = versions.sorted { left, right in
                guard let newer = model[right].name.version else { return false }
                return model[left].name.version.map { $0 < newer } ?? true
            }
            for package in sorted.dropFirst() {
                guard let version = model[package].name.version else { continue }
                suffixes[package] = version.major > 0 ? "\(version.major)" : "0\(version.minor)"
            }
        }
        return suffixes
    }

    /// `<Resource>Resource`; `<Package><Interface><Resource>Resource` where two interfaces define that name, without the
    /// interface where it is called like its package.
    private static func nameResources(
        _ interfaces: [InterfaceID], _ model: ResolvedModel, _ suffixes: [PackageID: String]
    ) -> [TypeID: String] {
        var byName: [String: [TypeID]] = [:]
        for interface in interfaces {
            for type in model[interface].types {
                guard case .resource = model[type].kind else { continue }
                byName[SwiftNames.upperCamel(model[type].name), default: []].append(type)
            }
        }
        var names: [TypeID: String] = [:]
        for (name, types) in byName {
            for type in types {
                guard types.count > 1, case .interface(let owner) = model[type].owner else {
                    names[type] = "\(name)Resource"
                    continue
                }
                let package = model[model[owner].package].name.name
                let interface = model[owner].name ?? ""
                let prefix =
                    SwiftNames.upperCamel(package) + (suffixes[model[owner].package] ?? "")
                    + (interface == package ? "" : SwiftNames.upperCamel(interface))
                names[type] = "\(prefix)\(name)Resource"
            }
        }
        return names
    }

    /// Notes the definitions that `type` contains; refuses what has no binding yet.
    private mutating func use(
        _ type: WITType, at location: SourceLocation, _ insert: (inout BindingsContext, TypeID) -> Bool
    ) throws(WITError) {
        switch type {
        case .primitive(.errorContext), .future, .stream, .map, .fixedList:
            throw WITError(
                .unsupported, location,
                "`\(self.model.signature(of: type))` is a type that host bindings do not support yet")
        case .primitive, .own, .borrow: return
        case .list(let element), .option(let element): try self.use(element, at: location, insert)
        case .result(let success, let failure):
            for payload in [success, failure].compactMap({ $0 }) { try self.use(payload, at: location, insert) }
        case .tuple(let elements):
            for element in elements { try self.use(element, at: location, insert) }
        case .named(let id):
            switch self.model[id].kind {
            case .alias(let target): try self.use(target, at: location, insert)
            case .record(let members), .variant(let members):
                guard insert(&self, id) else { return }
                for member in members.compactMap(\.type) { try self.use(member, at: location, insert) }
            case .enumeration, .flags: _ = insert(&self, id)
            case .resource: return
            }
        }
    }

    // MARK: Names

    /// `WasiIoStreams`.
    func namespace(of id: InterfaceID) -> String {
        let interface = self.model[id]
        let package = self.model[interface.package].name
        let words = package.namespace.split(separator: ":").map(String.init) + [package.name]
        return words.map(SwiftNames.upperCamel).joined() + self.suffix(interface)
            + SwiftNames.upperCamel(interface.name ?? "")
    }

    /// `IoStreamsFunctions`, the hand-written type with the interface's free functions.
    func functionsType(of id: InterfaceID) -> String {
        let interface = self.model[id]
        let package = self.model[interface.package].name.name
        return SwiftNames.upperCamel(package) + self.suffix(interface)
            + "\(SwiftNames.upperCamel(interface.name ?? ""))Functions"
    }

    private func suffix(_ interface: ResolvedInterface) -> String { self.versionSuffixes[interface.package] ?? "" }

    /// The hand-written class behind handles of a resource.
    func resourceClass(_ id: TypeID) -> String {
        let definition = self.model.definition(behind: id)
        return self.resourceClasses[definition] ?? "\(SwiftNames.upperCamel(self.model[definition].name))Resource"
    }

    /// `WasiIoStreams.inputStreamType`, or without the namespace inside it: `interface`.
    func resourceType(_ id: TypeID, from interface: InterfaceID?) -> String {
        let definition = self.model[self.model.definition(behind: id)]
        let name = "\(SwiftNames.lowerCamel(definition.name))Type"
        guard case .interface(let owner) = definition.owner, owner != interface else { return name }
        return "\(self.namespace(of: owner)).\(name)"
    }

    /// `WasiIoStreams.StreamError`.
    func qualifiedName(_ id: TypeID) -> String {
        let definition = self.model[id]
        guard case .interface(let owner) = definition.owner else { return SwiftNames.type(definition.name) }
        return "\(self.namespace(of: owner)).\(SwiftNames.type(definition.name))"
    }

    // MARK: Types

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
        case .fixedList, .map, .future, .stream: return "Never"
        }
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

    func isByte(_ type: WITType) -> Bool { self.model.expanded(type) == .primitive(.u8) }

    /// Whether lowering the type asks the guest for memory.
    func allocates(_ type: WITType) -> Bool { self.contains(type) { $0.isStringOrList } }

    /// Whether storing the type, when it does not allocate, can fail: only making a handle can.
    func storeThrows(_ type: WITType) -> Bool { self.contains(type) { $0.isHandle || $0.isStringOrList } }

    /// Whether lifting the type can fail.
    func liftThrows(_ type: WITType) -> Bool {
        self.contains(type) { type in
            switch type {
            case .primitive(.char), .option, .result: return true
            case .named(let id):
                switch self.model[id].kind {
                case .variant, .enumeration: return true
                default: return false
                }
            default: return type.isHandle || type.isStringOrList
            }
        }
    }

    /// Whether Swift can derive `Hashable` and `Sendable` for a definition with these members.
    func isPlain(_ id: TypeID) -> Bool {
        !self.contains(.named(id)) { type in
            switch type {
            case .tuple, .result: return true
            case .list(let element): return self.isByte(element) && self.memberPosition(id) == .result
            default: return type.isHandle
            }
        }
    }

    /// Whether `type` or a type inside it satisfies the condition; aliases are looked through.
    private func contains(_ type: WITType, where condition: (WITType) -> Bool) -> Bool {
        let type = self.model.expanded(type)
        if condition(type) { return true }
        switch type {
        case .primitive, .own, .borrow: return false
        case .list(let element), .fixedList(let element, _), .option(let element):
            return self.contains(element, where: condition)
        case .map(let key, let value):
            return self.contains(key, where: condition) || self.contains(value, where: condition)
        case .result(let success, let failure):
            return [success, failure].compactMap { $0 }.contains { self.contains($0, where: condition) }
        case .tuple(let elements): return elements.contains { self.contains($0, where: condition) }
        case .future(let payload), .stream(let payload):
            return payload.map { self.contains($0, where: condition) } ?? false
        case .named(let id):
            switch self.model[id].kind {
            case .record(let members), .variant(let members):
                return members.compactMap(\.type).contains { self.contains($0, where: condition) }
            case .alias, .enumeration, .flags, .resource: return false
            }
        }
    }
}

extension WITType {
    fileprivate var isHandle: Bool {
        switch self {
        case .own, .borrow: true
        default: false
        }
    }

    fileprivate var isStringOrList: Bool {
        switch self {
        case .primitive(.string), .list, .map: true
        default: false
        }
    }
}
