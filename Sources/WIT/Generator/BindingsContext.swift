/// What all writers of host bindings need to know: the model, what is generated, where each type is used.
struct BindingsContext {
    /// Where a type stands decides how `list<u8>` is spelled.
    enum Position {
        /// A whole parameter: a view of the guest's memory.
        case parameter
        /// Inside a parameter, or of an `async` function, which may go on when the guest does: a copy.
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
    /// Definitions that the host writes itself.
    private let byHand: Set<String>
    /// Types that two release lines have in common.
    let shared: SharedTypes
    private let resourceClasses: [TypeID: String]
    /// What names of a package have at their end, when it is not the first release line: `V3`.
    private let lineMarks: [PackageID: String]

    init(model: ResolvedModel, interfaces: [InterfaceID], byHand: Set<String> = []) throws(WITError) {
        self.model = model
        self.byHand = byHand
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
        self.shared = SharedTypes(self.interfaces, in: model)
        self.lineMarks = Self.markLines(model)
        self.resourceClasses = Self.nameResources(self.interfaces, self.lineMarks, model)
        for interface in self.interfaces {
            for function in model[interface].functions {
                for parameter in function.parameters {
                    try self.use(parameter.type, at: function.location) { $0.inParameters.insert($1).inserted }
                }
                if let result = function.result {
                    try self.use(result, at: function.location) { $0.inResults.insert($1).inserted }
                }
            }
        }
        // One that stands for others is used where they are.
        for (later, original) in self.shared.pairs {
            if self.inParameters.contains(later) { self.inParameters.insert(original) }
            if self.inResults.contains(later) { self.inResults.insert(original) }
        }
    }

    /// Types of an interface that are generated.
    func generatedTypes(of interface: InterfaceID) -> [TypeID] {
        let name = self.model.unversionedName(of: interface) ?? ""
        return self.model[interface].types.filter { id in
            (self.inParameters.contains(id) || self.inResults.contains(id))
                && !self.byHand.contains("\(name).\(self.model[id].name)")
        }
    }

    private static func sortKey(_ id: InterfaceID, _ model: ResolvedModel) -> String {
        let package = model[model[id].package].name
        return "\(package.unversioned)/\(model[id].name ?? "")@\(package.version?.description ?? "")"
    }

    /// The lowest release line of a package that the model has goes without a mark.
    private static func markLines(_ model: ResolvedModel) -> [PackageID: String] {
        let packages = model.packages.indices.map(PackageID.init(index:))
        var marks: [PackageID: String] = [:]
        for lines in Dictionary(grouping: packages, by: { model[$0].name.unversioned }).values {
            let versions = lines.map { model[$0].name.version }
            let lowest = versions.contains(nil) ? nil : versions.compactMap { $0 }.min()
            for line in lines {
                guard let version = model[line].name.version, version.releaseLine != lowest?.releaseLine else {
                    continue
                }
                marks[line] = "V\(version.lineNumber)"
            }
        }
        return marks
    }

    /// `<Resource>Resource`; `<Package><Interface><Resource>Resource` where two interfaces of a line define that name,
    /// without the interface where it is called like its package.
    private static func nameResources(
        _ interfaces: [InterfaceID], _ marks: [PackageID: String], _ model: ResolvedModel
    ) -> [TypeID: String] {
        var byName: [String: [TypeID]] = [:]
        for interface in interfaces {
            let mark = marks[model[interface].package] ?? ""
            for type in model[interface].types {
                guard case .resource = model[type].kind else { continue }
                byName[SwiftNames.upperCamel(model[type].name) + mark, default: []].append(type)
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
                let prefix = SwiftNames.upperCamel(package)
                names[type] =
                    "\(prefix)\(interface == package ? "" : SwiftNames.upperCamel(interface))\(name)Resource"
            }
        }
        return names
    }

    /// Notes the definitions that `type` contains; refuses what has no binding yet.
    private mutating func use(
        _ type: WITType, at location: SourceLocation, _ insert: (inout BindingsContext, TypeID) -> Bool
    ) throws(WITError) {
        switch type {
        case .primitive(.errorContext), .fixedList:
            throw WITError(
                .unsupported, location,
                "`\(self.model.signature(of: type))` is a type that host bindings do not support yet")
        case .future(let payload), .stream(let payload):
            // Its codec goes both ways, whoever writes.
            guard let payload else { return }
            try self.use(payload, at: location) { $0.inParameters.insert($1).inserted }
            try self.use(payload, at: location) { $0.inResults.insert($1).inserted }
        case .map(let key, let value):
            for element in [key, value] { try self.use(element, at: location, insert) }
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
        let words = package.namespace.split(separator: ":").map(String.init) + [package.name, interface.name ?? ""]
        return words.map(SwiftNames.upperCamel).joined() + self.lineMark(of: id)
    }

    /// `V3` in names of an interface of 0.3 when there is an earlier one; empty for the first.
    private func lineMark(of id: InterfaceID) -> String { self.lineMarks[self.model[id].package] ?? "" }

    /// `IoStreamsFunctions`, the hand-written type with the interface's free functions.
    func functionsType(of id: InterfaceID) -> String {
        let interface = self.model[id]
        let package = self.model[interface.package].name.name
        let name = SwiftNames.upperCamel(package) + SwiftNames.upperCamel(interface.name ?? "")
        return "\(name)\(self.lineMark(of: id))Functions"
    }

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
}
