package import ComponentModel

/// `fermyon:spin/variables@2.0.0`.
package enum SpinVariablesV2Functions: FermyonSpinVariablesV2.Functions {
    package static func get(
        name: String, in call: borrowing HostCall
    ) throws -> WITResult<String, FermyonSpinVariablesV2.Error> {
        WITResult(try call.variable(name), FermyonSpinVariablesV2.Error.init)
    }
}

/// `spin:variables/variables@3.0.0`.
package enum VariablesVariablesFunctions: SpinVariablesVariables.Functions {
    package static func get(
        name: String, in call: borrowing HostCall
    ) throws -> HostAnswer<WITResult<String, FermyonSpinVariablesV2.Error>> {
        let component = call.capabilities.component
        return try component.variables.value(name, denials: component.denials).map {
            WITResult($0, FermyonSpinVariablesV2.Error.init)
        }
    }
}

extension FermyonSpinVariablesV2.Error {
    fileprivate init(_ error: VariableError) {
        switch error {
        case .invalidName(let message): self = .invalidName(message)
        case .undefined(let message): self = .undefined(message)
        case .provider(let message): self = .provider(message)
        case .other(let message): self = .other(message)
        }
    }
}

/// `fermyon:spin/config`, the interface before `variables`.
package enum SpinConfigFunctions: FermyonSpinConfig.Functions {
    package static func getConfig(
        key: String, in call: borrowing HostCall
    ) throws -> WITResult<String, FermyonSpinConfig.Error> {
        WITResult(try call.variable(key)) { error in
            switch error {
            case .invalidName(let message): .invalidKey(message)
            // As in Spin: what a provider itself says has no case of its own.
            case .undefined(let message): .provider(message)
            case .provider(let message), .other(let message): .other(message)
            }
        }
    }
}

/// `wasi:config/store`.
package enum ConfigStoreFunctions: WasiConfigStore.Functions {
    package static func get(
        key: String, in call: borrowing HostCall
    ) throws -> WITResult<String?, WasiConfigStore.Error> {
        switch try call.variable(key) {
        case .success(let value): .ok(value)
        case .failure(.undefined), .failure(.invalidName): .ok(nil)
        case .failure(let error): .error(WasiConfigStore.Error(error))
        }
    }

    package static func getAll(
        in call: borrowing HostCall
    ) throws -> WITResult<[(String, String)], WasiConfigStore.Error> {
        let all = try call.value(of: call.capabilities.component.variables.all())
        return WITResult(all, WasiConfigStore.Error.init)
    }
}

extension WasiConfigStore.Error {
    fileprivate init(_ error: VariableError) {
        switch error {
        case .provider(let message): self = .upstream(message)
        case .invalidName(let message), .undefined(let message), .other(let message): self = .io(message)
        }
    }
}

extension HostCall {
    fileprivate func variable(_ name: String) throws -> Result<String, VariableError> {
        let component = self.capabilities.component
        return try self.value(of: component.variables.value(name, denials: component.denials))
    }
}
