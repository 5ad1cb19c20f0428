/// A name and where it stands.
package struct Name: Hashable, Sendable {
    package let text: String
    package let location: SourceLocation
}

/// `wasi:io@0.2.9`.
package struct PackageName: Hashable, Sendable, CustomStringConvertible {
    package let namespace: String
    package let name: String
    package let version: SemanticVersion?

    package init(namespace: String, name: String, version: SemanticVersion? = nil) {
        self.namespace = namespace
        self.name = name
        self.version = version
    }

    /// Without the version.
    package var unversioned: String { "\(self.namespace):\(self.name)" }

    package var description: String { self.unversioned + (self.version.map { "@\($0)" } ?? "") }
}

/// One parsed file. Names are not yet looked up: see `Resolver`.
package struct SyntaxFile: Sendable {
    package struct Package: Sendable {
        package let name: PackageName
        package let location: SourceLocation
        package let documentation: [String]
        package let items: [TopLevelItem]
    }

    package let path: String
    /// The package that the file says it belongs to.
    package let packageName: PackageName?
    package let packageLocation: SourceLocation?
    package let documentation: [String]
    package let items: [TopLevelItem]
    /// Packages written out inside the file: `package a:b { … }`.
    package let nested: [Package]
}

package enum TopLevelItem: Sendable {
    case use(UsePath, alias: Name?)
    case interface(InterfaceSyntax)
    case world(WorldSyntax)
}

/// Names an interface or a world: `poll`, `wasi:io/poll@0.2.9`.
package struct UsePath: Sendable {
    package let package: PackageName?
    package let name: Name
    package let location: SourceLocation
}

/// What may stand before any item: documentation and feature gates.
package struct Attributes: Hashable, Sendable {
    package var documentation: [String] = []
    package var since: SemanticVersion?
    package var unstable: String?
    package var deprecated: SemanticVersion?
    package var externalID: String?
    /// Where the first gate stands.
    package var gateLocation: SourceLocation?
}

package struct InterfaceSyntax: Sendable {
    package let name: Name
    package let attributes: Attributes
    package let items: [InterfaceItem]
}

package enum InterfaceItem: Sendable {
    case use(UseSyntax)
    case type(TypeDeclaration)
    case function(FunctionSyntax)
}

/// `use path.{a, b as c};`
package struct UseSyntax: Sendable {
    package struct Entry: Sendable {
        package let name: Name
        package let alias: Name?
    }

    package let path: UsePath
    package let entries: [Entry]
    package let attributes: Attributes
}

package struct TypeDeclaration: Sendable {
    package struct Member: Sendable {
        package let name: Name
        /// Nil for a case without payload, an enum case, a flag.
        package let type: TypeSyntax?
        package let documentation: [String]
    }

    package enum Kind: Sendable {
        case alias(TypeSyntax)
        case record([Member])
        case variant([Member])
        case enumeration([Member])
        case flags([Member])
        case resource([FunctionSyntax])
    }

    package let name: Name
    package let kind: Kind
    package let attributes: Attributes
}

package struct FunctionSyntax: Sendable {
    package enum Kind: Sendable {
        case free
        case method
        case `static`
        case constructor
    }

    package struct Parameter: Sendable {
        package let name: Name
        package let type: TypeSyntax
    }

    package let name: Name
    package let kind: Kind
    package let isAsync: Bool
    package let parameters: [Parameter]
    package let result: TypeSyntax?
    package let attributes: Attributes
}

/// A type as written.
package struct TypeSyntax: Sendable {
    package indirect enum Kind: Sendable {
        case primitive(PrimitiveType)
        case named(String)
        case list(TypeSyntax)
        case fixedList(TypeSyntax, Int)
        case map(TypeSyntax, TypeSyntax)
        case option(TypeSyntax)
        case result(TypeSyntax?, TypeSyntax?)
        case tuple([TypeSyntax])
        case own(Name)
        case borrow(Name)
        case future(TypeSyntax?)
        case stream(TypeSyntax?)
    }

    package let kind: Kind
    package let location: SourceLocation
}

/// A type that needs no definition.
package enum PrimitiveType: String, Hashable, Sendable, CaseIterable {
    case bool
    case s8
    case u8
    case s16
    case u16
    case s32
    case u32
    case s64
    case u64
    case f32
    case f64
    case char
    case string
    case errorContext = "error-context"
}

package struct WorldSyntax: Sendable {
    package let name: Name
    package let attributes: Attributes
    package let items: [WorldItemSyntax]
}

package enum WorldItemSyntax: Sendable {
    case use(UseSyntax)
    case type(TypeDeclaration)
    case include(UsePath, renames: [Rename], Attributes)
    case extern(ExternSyntax)

    package struct Rename: Sendable {
        package let from: Name
        package let to: Name
    }
}

/// An import or export of a world.
package struct ExternSyntax: Sendable {
    package enum Kind: Sendable {
        case function(FunctionSyntax)
        case inlineInterface(InterfaceSyntax)
        case path(UsePath)
        case namedPath(Name, UsePath)
    }

    package let isImport: Bool
    package let kind: Kind
    package let location: SourceLocation
    package let attributes: Attributes
}
