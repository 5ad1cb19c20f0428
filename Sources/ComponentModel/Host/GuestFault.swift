/// A fault of the guest: it handed the host something that the Canonical ABI forbids.
///
/// Thrown by lifting and by host functions; the guest's call traps with `message`. A fault of the host is any other error.
package struct GuestFault: Error, Hashable, CustomStringConvertible {
    /// What the guest did, as a clause: "pointer 0x20 with length 9 is outside its memory".
    package let message: String
    /// The host function that the guest was calling, where one is known.
    package private(set) var function: String?

    package init(_ message: String) {
        self.message = message
    }

    package var description: String { self.function.map { "\(self.message), in a call of \($0)" } ?? self.message }

    /// The fault with the function that the guest was calling.
    func calling(_ function: String) -> GuestFault {
        var fault = self
        fault.function = function
        return fault
    }

    /// A pointer and length that do not lie inside the guest's memory.
    package static func outOfBounds(pointer: some UnsignedInteger, length: Int, memory: Int) -> GuestFault {
        GuestFault(
            "pointer 0x\(String(pointer, radix: 16)) with \(length) bytes is outside the guest's memory of \(memory) bytes"
        )
    }

    /// A pointer that is not a multiple of the alignment its type asks for.
    package static func misaligned(pointer: some UnsignedInteger, alignment: Int) -> GuestFault {
        GuestFault("pointer 0x\(String(pointer, radix: 16)) is not aligned to \(alignment)")
    }

    /// A discriminant of a variant, enum, option or result that names no case.
    package static func invalidDiscriminant(_ value: UInt32, of type: StaticString, cases: Int) -> GuestFault {
        GuestFault("discriminant \(value) of \(type) is not below \(cases)")
    }

    /// A `char` that is a surrogate or above U+10FFFF.
    package static func invalidChar(_ value: UInt32) -> GuestFault {
        GuestFault("0x\(String(value, radix: 16)) is not a Unicode scalar value")
    }

    /// A handle that is not in the component instance's table.
    package static func unknownHandle(_ index: UInt32) -> GuestFault {
        GuestFault("unknown handle index \(index)")
    }

    /// A string that is longer than the Canonical ABI allows.
    static func textTooLong(_ text: EncodedText) -> GuestFault {
        GuestFault("string content out-of-bounds: \(text.byteCount) bytes, at most \(EncodedText.maximumBytes)")
    }

    /// What the guest's own `realloc` returned is not in its memory.
    static func reallocOutOfBounds(pointer: UInt64, size: Int, memory: Int) -> GuestFault {
        GuestFault(
            "realloc return: beyond end of memory: 0x\(String(pointer, radix: 16)) with \(size) bytes, of \(memory)")
    }

    /// A handle of another resource type than the one that is wanted; both by their run-time numbers.
    static func wrongHandle(_ index: UInt32, is actual: UInt32, wanted: UInt32) -> GuestFault {
        func kind(_ type: UInt32) -> String {
            if type >= AsyncHandle.first { return AsyncHandle.name(type) }
            return type < HostResourceType.localIDs ? "host-defined resource" : "guest-defined resource"
        }
        return GuestFault(
            "handle index \(index) used with the wrong type, expected \(kind(wanted)) but found a different "
                + kind(actual))
    }
}
