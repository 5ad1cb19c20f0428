import ComponentModel

/// How modules of Spin 1 are linked: core modules made with wit-bindgen 0.2 or by hand, which say nothing of their
/// world.
///
/// Their values are passed as components do it today; only the names differ. What a handler returns is not given back
/// (`canonical_abi_free`): its instance ends with the call.
enum SpinOneModules {
    static let convention = CoreModuleConvention(
        imports: Dictionary(
            SpinOneInterfaces.imported.map { interface in
                let functions = interface.functions.map { function in
                    (
                        function.module,
                        CoreModuleConvention.Function(interface.component, function.component, function.type)
                    )
                }
                return (interface.module, Dictionary(functions, uniquingKeysWith: { $1 }).compactMapValues { $0 })
            }, uniquingKeysWith: { $1 }),
        exports: [
            "handle-http-request": CoreModuleConvention.Function(
                "fermyon:spin/inbound-http", "handle-request", SpinOneInterfaces.handleRequest),
            "handle-redis-message": CoreModuleConvention.Function(
                "fermyon:spin/inbound-redis", "handle-message", SpinOneInterfaces.handleMessage),
        ].compactMapValues { $0 },
        reallocs: ["canonical_abi_realloc", "cabi_realloc"])
}
