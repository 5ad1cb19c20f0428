/// All packages of a folder with every name looked up: what generators and printers read.
///
/// Definitions refer to each other by index, so the model is one value that can be sent anywhere.
package struct ResolvedModel: Sendable {
    package internal(set) var packages: [ResolvedPackage] = []
    package internal(set) var interfaces: [ResolvedInterface] = []
    package internal(set) var worlds: [ResolvedWorld] = []
    package internal(set) var types: [TypeDefinition] = []

    package subscript(id: PackageID) -> ResolvedPackage { self.packages[id.index] }
    package subscript(id: InterfaceID) -> ResolvedInterface { self.interfaces[id.index] }
    package subscript(id: WorldID) -> ResolvedWorld { self.worlds[id.index] }
    package subscript(id: TypeID) -> TypeDefinition { self.types[id.index] }

    /// The package called `name`; when `name` has no version, the one without, else the only one.
    package func package(named name: PackageName) -> PackageID? {
        if name.version == nil, let index = self.packages.firstIndex(where: { $0.name == name }) {
            return PackageID(index: index)
        }
        let matches = self.packages.indices.filter { index in
            let candidate = self.packages[index].name
            return name.version == nil ? candidate.unversioned == name.unversioned : candidate == name
        }
        return matches.count == 1 ? matches.first.map(PackageID.init(index:)) : nil
    }

    /// `wasi:io/streams`; nil for an interface written inside a world.
    package func unversionedName(of id: InterfaceID) -> String? {
        let interface = self[id]
        return interface.name.map { "\(self[interface.package].name.unversioned)/\($0)" }
    }

    /// The definition behind aliases of `id`, which may be an alias of something that is no definition.
    package func definition(behind id: TypeID) -> TypeID {
        var id = id
        while case .alias(let type) = self[id].kind {
            switch type {
            case .named(let next), .own(let next): id = next
            default: return id
            }
        }
        return id
    }

    /// `type` without aliases at its outside.
    package func expanded(_ type: WITType) -> WITType {
        var type = type
        while case .named(let id) = type, case .alias(let target) = self[id].kind { type = target }
        return type
    }
}

package struct PackageID: Hashable, Sendable {
    package let index: Int

    package init(index: Int) {
        self.index = index
    }
}
package struct InterfaceID: Hashable, Sendable { package let index: Int }
package struct WorldID: Hashable, Sendable { package let index: Int }
package struct TypeID: Hashable, Sendable { package let index: Int }

package struct ResolvedPackage: Sendable {
    package let name: PackageName
    /// Paths of the files it was read from, sorted.
    package let files: [String]
    package internal(set) var documentation: [String] = []
    package internal(set) var interfaces: [InterfaceID] = []
    package internal(set) var worlds: [WorldID] = []
}

package struct ResolvedInterface: Sendable {
    /// A type that `use` brings in from another interface.
    package struct Use: Sendable {
        package let interface: InterfaceID
        package let type: TypeID
        package let name: String
    }

    /// Nil when written inside a world.
    package let name: String?
    package let package: PackageID
    package let location: SourceLocation
    package let attributes: Attributes
    package internal(set) var uses: [Use] = []
    /// Types that this interface defines, in order.
    package internal(set) var types: [TypeID] = []
    /// Free functions and functions of resources, in order.
    package internal(set) var functions: [ResolvedFunction] = []
}

package struct TypeDefinition: Sendable {
    package struct Member: Sendable {
        package let name: String
        package let type: WITType?
        package let documentation: [String]
    }

    package enum Owner: Hashable, Sendable {
        case interface(InterfaceID)
        case world(WorldID)
    }

    package enum Kind: Sendable {
        case alias(WITType)
        case record([Member])
        case variant([Member])
        case enumeration([Member])
        case flags([Member])
        case resource
    }

    package let name: String
    package let owner: Owner
    package let location: SourceLocation
    package let attributes: Attributes
    package internal(set) var kind: Kind
}

/// A type with its names looked up.
package indirect enum WITType: Hashable, Sendable {
    case primitive(PrimitiveType)
    /// A record, variant, enum, flags or alias.
    case named(TypeID)
    /// A handle of a resource, or of an alias of one.
    case own(TypeID)
    case borrow(TypeID)
    case list(WITType)
    case fixedList(WITType, Int)
    case map(WITType, WITType)
    case option(WITType)
    case result(WITType?, WITType?)
    case tuple([WITType])
    case future(WITType?)
    case stream(WITType?)
}

package struct ResolvedFunction: Sendable {
    package struct Parameter: Sendable {
        package let name: String
        package let type: WITType
    }

    package enum Kind: Hashable, Sendable {
        case free
        case method(TypeID)
        case `static`(TypeID)
        case constructor(TypeID)

        /// The resource that the function belongs to.
        package var resource: TypeID? {
            switch self {
            case .free: nil
            case .method(let id), .static(let id), .constructor(let id): id
            }
        }
    }

    /// As components import it: `[method]input-stream.read`.
    package let name: String
    /// As WIT spells it: `read`; `constructor` for a constructor.
    package let shortName: String
    package let kind: Kind
    package let isAsync: Bool
    /// A method's first parameter is `self`.
    package let parameters: [Parameter]
    package let result: WITType?
    package let location: SourceLocation
    package let attributes: Attributes
}

package struct ResolvedWorld: Sendable {
    package struct Item: Sendable {
        package enum Kind: Sendable {
            case function(ResolvedFunction)
            case interface(InterfaceID)
            case type(TypeID)
        }

        /// The plain name, nil for an interface that goes by its own name.
        package let name: String?
        package let kind: Kind
        package let location: SourceLocation

        package init(name: String?, kind: Kind, location: SourceLocation) {
            self.name = name
            self.kind = kind
            self.location = location
        }
    }

    package let name: String
    package let package: PackageID
    package let location: SourceLocation
    package let attributes: Attributes
    package internal(set) var imports: [Item] = []
    package internal(set) var exports: [Item] = []
}
