/// What an adapter tells the host before it stops the guest: a code and two numbers of 64 bits.
enum AdapterFault: UInt32 {
    case cannotLeave
    case cannotEnter
    case misalignedPointer
    case outOfBounds
    case listTooLong
    case misalignedAllocation
    case allocationOutOfBounds
    case invalidDiscriminant
    case invalidChar
    case textOutOfBounds
    case uncaughtException

    /// The fault that a guest is stopped with.
    static func fault(_ code: UInt32, _ one: UInt64, _ two: UInt64) -> GuestFault {
        switch Self(rawValue: code) {
        case .cannotLeave: return .cannotLeave
        case .cannotEnter: return .cannotEnter
        case .misalignedPointer: return .misaligned(pointer: one, alignment: Int(clamping: two))
        case .outOfBounds:
            return GuestFault(
                "list content out-of-bounds: 0x\(String(one, radix: 16)) with \(two) bytes, "
                    + "pointer/length out of bounds of memory")
        case .listTooLong:
            return GuestFault("list content out-of-bounds: \(two) elements of \(one) bytes are too many")
        case .misalignedAllocation:
            return GuestFault("realloc return: unaligned pointer 0x\(String(one, radix: 16)), not aligned to \(two)")
        case .allocationOutOfBounds:
            return GuestFault(
                "realloc return: beyond end of memory: 0x\(String(one, radix: 16)) with \(two) bytes")
        case .invalidDiscriminant:
            return GuestFault("invalid variant discriminant: \(one) is not below \(two)")
        case .invalidChar: return .invalidChar(UInt32(truncatingIfNeeded: one))
        case .textOutOfBounds:
            return GuestFault("string content out-of-bounds: 0x\(String(one, radix: 16)) with \(two) bytes")
        case .uncaughtException: return .uncaughtException
        case nil: return GuestFault("an adapter stopped the guest")
        }
    }
}

extension GuestFault {
    static let cannotLeave = GuestFault(
        "cannot leave component instance: it called out of its realloc or post-return function")
    /// The component instance is running already, or was stopped by a trap.
    static let cannotEnter = GuestFault("cannot enter component instance")
    /// Exceptions do not cross the boundaries of components.
    static let uncaughtException = GuestFault(
        "uncaught exception propagated out of component: whoever calls another component cannot catch what it throws")
}
