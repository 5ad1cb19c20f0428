package import HTTP

/// What results of capabilities may take up while they are being read or wait for their guests.
package enum ResultLimits {
    /// Of all instances of an application.
    package static let applicationBytes = 1 << 30
    /// Of one instance.
    package static let instanceBytes = 256 << 20
    /// A result of fewer bytes is not counted: handles bound how many there are.
    static let uncountedBytes = 4096

    static let refusal = "too many bytes of results are waiting already"

    /// A budget for an application.
    package static func application() -> ByteBudget { ByteBudget(Self.applicationBytes) }
}
