package import ComponentModel

/// The capabilities of the host besides WASI: every version of their interfaces.
package enum Capabilities {
    /// Everything that a component may import.
    package static let interfaces: [HostInterface] =
        Self.keyValue + Self.sqlite + Self.variables + Self.redis + Self.http

    private static let keyValue = [
        FermyonSpinKeyValue.interface, FermyonSpinKeyValueV2.interface, SpinKeyValueKeyValue.interface,
        WasiKeyvalueStore.interface,
        WasiKeyvalueAtomics.interface, WasiKeyvalueBatch.interface,
    ]

    private static let sqlite = [
        FermyonSpinSqlite.interface, FermyonSpinSqliteV2.interface, SpinSqliteSqlite.interface,
    ]

    private static let redis = [
        FermyonSpinRedisTypes.interface, FermyonSpinRedis.interface, FermyonSpinRedisV2.interface,
        SpinRedisRedis.interface,
    ]

    private static let http = [FermyonSpinHttpTypes.interface, FermyonSpinHttp.interface]

    private static let variables = [
        FermyonSpinConfig.interface, FermyonSpinVariablesV2.interface, SpinVariablesVariables.interface,
        WasiConfigStore.interface,
    ]
}
