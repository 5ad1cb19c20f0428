/// Core types in full, as the types of modules have them (WebAssembly 3.0).
///
/// A concrete heap type is an index of the file while it is read, and a number of ``CoreTypeStore`` once it is resolved.
enum CoreValueType: Hashable, Sendable {
    case number(CoreType)
    case vector
    case reference(isNullable: Bool, CoreHeapType)
}

enum CoreHeapType: Hashable, Sendable {
    /// By its opcode.
    case abstract(Abstract, isShared: Bool)
    case concrete(Int)

    enum Abstract: UInt8, Hashable, Sendable {
        case noContinuation = 0x75
        case noException = 0x74
        case noFunction = 0x73
        case noExtern = 0x72
        case none = 0x71
        case function = 0x70
        case extern = 0x6f
        case any = 0x6e
        case equatable = 0x6d
        case i31 = 0x6c
        case structure = 0x6b
        case array = 0x6a
        case exception = 0x69
        case continuation = 0x68

        /// What the type is a direct subtype of.
        var parent: Abstract? {
            switch self {
            case .equatable: .any
            case .i31, .structure, .array: .equatable
            default: nil
            }
        }

        /// The top type above a bottom type.
        var topOfBottom: Abstract? {
            switch self {
            case .noContinuation: .continuation
            case .noException: .exception
            case .noFunction: .function
            case .noExtern: .extern
            case .none: .any
            default: nil
            }
        }

        var top: Abstract {
            var type = self.topOfBottom ?? self
            while let parent = type.parent { type = parent }
            return type
        }
    }
}

struct CoreFieldType: Hashable, Sendable {
    enum Storage: Hashable, Sendable {
        case i8
        case i16
        case value(CoreValueType)
    }

    let storage: Storage
    let isMutable: Bool
}

enum CoreCompositeType: Hashable, Sendable {
    case function(parameters: [CoreValueType], results: [CoreValueType])
    case structure([CoreFieldType])
    case array(CoreFieldType)
    case continuation(Int)
}

/// One type of a recursion group.
struct CoreSubtype: Hashable, Sendable {
    let isFinal: Bool
    let supertypes: [Int]
    let composite: CoreCompositeType
    let isShared: Bool
}

struct CoreLimits: Hashable, Sendable {
    let minimum: UInt64
    let maximum: UInt64?
    let addressType: AddressType
    let isShared: Bool

    /// Whether something with these limits may stand where `wanted` is wanted.
    func matches(_ wanted: CoreLimits) -> Bool {
        guard self.addressType == wanted.addressType, self.minimum >= wanted.minimum else { return false }
        guard let bound = wanted.maximum else { return true }
        return self.maximum.map { $0 <= bound } ?? false
    }
}

struct CoreTableType: Hashable, Sendable {
    let element: CoreValueType
    let limits: CoreLimits
}

struct CoreMemoryType: Hashable, Sendable {
    let limits: CoreLimits
    /// Logarithm of the page size in bytes: 16 unless the memory says otherwise.
    let pageSize: UInt32

    var initialBytes: UInt64 {
        let (bytes, isTooLarge) = self.limits.minimum.multipliedReportingOverflow(by: 1 << UInt64(self.pageSize))
        return isTooLarge ? .max : bytes
    }
}

struct CoreGlobalType: Hashable, Sendable {
    let value: CoreValueType
    let isMutable: Bool
    let isShared: Bool
}

/// Kind and type of a core import, export or definition; function types by number, as in ``CoreHeapType``.
enum CoreEntityType: Hashable, Sendable {
    case function(Int)
    case table(CoreTableType)
    case memory(CoreMemoryType)
    case global(CoreGlobalType)
    case tag(Int)

    var sort: CoreSort {
        switch self {
        case .function: .function
        case .table: .table
        case .memory: .memory
        case .global: .global
        case .tag: .tag
        }
    }
}

extension CoreValueType: CustomStringConvertible {
    var description: String {
        switch self {
        case .number(let type): "\(type)"
        case .vector: "v128"
        case .reference(true, .abstract(.function, false)): "funcref"
        case .reference(true, .abstract(.extern, false)): "externref"
        case .reference(let isNullable, let heap): "(ref \(isNullable ? "null " : "")\(heap))"
        }
    }
}

extension CoreHeapType: CustomStringConvertible {
    var description: String {
        switch self {
        case .abstract(let type, let isShared): isShared ? "(shared \(type))" : "\(type)"
        case .concrete(let index): "\(index)"
        }
    }
}
