"""The door for programs: tokens for a user name, a password and, where the account has one, a second factor."""

from typing import Any

from flask import Response, request
from flask_appbuilder.api import BaseApi
from flask_appbuilder.views import expose
from flask_babel import gettext as _
from flask_jwt_extended import create_access_token, create_refresh_token, get_jwt, jwt_required

from app.access.actor import current_actor
from app.core.errors import Invalid, Malformed, NotAllowed, Unauthorised
from app.services import login_session, second_factor, sign_in
from app.views.request_cycle import become, refuse_behind_gate


def _payload() -> dict[str, Any]:
    if not request.is_json:
        raise Malformed(_("The body must be JSON."))
    said = request.get_json(silent=True)
    if not isinstance(said, dict):
        raise Malformed(_("The body must be a JSON object."))
    faults = {
        name: [_("This must be text and must not be empty.")]
        for name in ("username", "password")
        if not isinstance(said.get(name), str) or not said[name]
    }
    if said.get("provider", "db") != "db":
        faults["provider"] = [_("Only the provider “db” is offered.")]
    if not isinstance(said.get("refresh", False), bool):
        faults["refresh"] = [_("This must be true or false.")]
    if not isinstance(said.get("otp") or "", str):
        faults["otp"] = [_("This must be text.")]
    if faults:
        raise Invalid(errors=faults)
    return said


def _claims(token: str, row: Any) -> dict[str, Any]:
    return {"sid": token, "epoch": row["session_epoch"], "row": row["session_id"]}


class SignInApi(BaseApi):
    """Sign-in of programs by JSON Web Tokens; their session can be ended on the server like any other."""

    resource_name = "security"
    version = "v1"
    openapi_spec_tag = "Security"

    def add_apispec_components(self, api_spec: Any) -> None:
        """Name the two kinds of token in the OpenAPI description."""
        super().add_apispec_components(api_spec)
        scheme = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        api_spec.components.security_scheme("jwt", scheme)
        api_spec.components.security_scheme("jwt_refresh", scheme)

    @expose("/login", methods=["POST"])
    def login(self) -> Response:
        """Sign in
        ---
        post:
          summary: Sign in and get an access token and, if asked for, a refresh token
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [username, password]
                  properties:
                    username: {type: string, minLength: 1, example: clerk}
                    password: {type: string, minLength: 1, example: a-long-password}
                    provider: {type: string, enum: [db]}
                    refresh: {type: boolean, description: Whether a refresh token is wanted too}
                    otp: {type: string, description: Code of the second factor or a recovery code}
          responses:
            200:
              description: Signed in
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      access_token: {type: string}
                      refresh_token: {type: string}
            400:
              $ref: '#/components/responses/400'
            401:
              $ref: '#/components/responses/401'
            403:
              $ref: '#/components/responses/403'
            415:
              description: Not JSON
            422:
              $ref: '#/components/responses/422'
            429:
              description: Too many tries
        """
        said = _payload()
        row = sign_in.check_password(said["username"], said["password"], request.remote_addr)
        if row is None:
            raise Unauthorised(_("User name or password is not right, or the account is closed."))
        if row["second_factor"]:
            otp = said.get("otp")
            if not otp:
                raise Unauthorised(_("This account needs the code of its second factor, in “otp”."))
            if not second_factor.verify(row["id"], row["username"], otp, request.remote_addr):
                raise Unauthorised(second_factor.WRONG_CODE)
        token, row = login_session.start_session(
            row["id"], request.remote_addr, request.user_agent.string, "sign-in:token"
        )
        if row is None:
            raise Unauthorised()
        become(row)
        refuse_behind_gate()
        answer = {
            "access_token": create_access_token(str(row["id"]), fresh=True, additional_claims=_claims(token, row))
        }
        if said.get("refresh"):
            answer["refresh_token"] = create_refresh_token(str(row["id"]), additional_claims=_claims(token, row))
        return self.response(200, **answer)

    @expose("/refresh", methods=["POST"])
    @jwt_required(refresh=True)
    def refresh(self) -> Response:
        """Get a new access token
        ---
        post:
          summary: Get a new access token for a refresh token
          security:
            - jwt_refresh: []
          responses:
            200:
              description: A new access token
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      access_token: {type: string}
            401:
              $ref: '#/components/responses/401'
            403:
              $ref: '#/components/responses/403'
        """
        claims = get_jwt()
        kept = {name: claims[name] for name in ("sid", "epoch", "row")}
        return self.response(200, access_token=create_access_token(claims["sub"], fresh=False, additional_claims=kept))

    @expose("/logout", methods=["POST"])
    @jwt_required()
    def logout(self) -> Response:
        """End the token's session
        ---
        post:
          summary: End the session of this token; access and refresh tokens are void at once
          security:
            - jwt: []
          responses:
            200:
              description: Ended
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      message: {type: string}
            401:
              $ref: '#/components/responses/401'
        """
        if current_actor().user_id is None:
            raise NotAllowed()
        login_session.end_session(get_jwt()["sid"])
        return self.response(200, message=_("Signed out."))
