def json_schema(policy): return {}
